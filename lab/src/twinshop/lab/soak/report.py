"""What the samples of a soak say."""

from collections.abc import Sequence

from twinshop.lab.soak.measure import Sample
from twinshop.lab.statistics import slope
from twinshop.lab.terminal import table

MIB = 2**20

WARM_UP = 0.2
"""Share of the time that is left out of the slopes: caches and pools fill up at first, in every process."""


def text(shape: str, samples: Sequence[Sample]) -> str:
    """Return a table of the processes of one shape, with a line on what the visitors got."""
    seconds = samples[-1].seconds
    good, failed = (sum(counts) for counts in zip(*((each.good, each.failed) for each in samples), strict=True))
    settled = [each for each in samples if each.seconds >= WARM_UP * seconds]
    lines = []
    for process in samples[0].memory_bytes:
        series = [each.memory_bytes[process] / MIB for each in samples]
        sizes = (series[0], series[-1], max(series))
        lines.append((process, *(f"{size:.1f}" for size in sizes), _slope(settled, process)))
    title = f"{shape}, {seconds / 60:.1f} min: {good / seconds:.1f} good sessions a second, {failed} failed"
    header = ("", "start, MiB", "end, MiB", "most, MiB", f"slope after {WARM_UP:.0%} of the time, MiB/h")
    return table(title, header, lines)


def _slope(samples: Sequence[Sample], process: str) -> str:
    found = slope([each.seconds / 3600 for each in samples], [each.memory_bytes[process] / MIB for each in samples])
    return "too short" if found is None else f"{found.value:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"
