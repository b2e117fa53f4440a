"""What the samples of a soak say."""

from collections.abc import Mapping, Sequence
from typing import Any

from twinshop.lab.soak.measure import Sample
from twinshop.lab.statistics.slope import slope
from twinshop.lab.terminal import table

MIB = 2**20

WARM_UP = 0.2
"""Share of the time that is left out of the slopes: caches and pools fill up at first, in every process."""


def text(shape: str, samples: Sequence[Sample]) -> str:
    """Return a table of the processes of one shape, with a line on what the visitors got."""
    found = as_json(samples)
    lines = [
        (process, *(f"{each[size]:.1f}" for size in ("start_mib", "end_mib", "most_mib")), _slope(each["slope"]))
        for process, each in found["memory"].items()
    ]
    minutes, goodput = found["seconds"] / 60, found["goodput"]
    title = f"{shape}, {minutes:.1f} min: {goodput:.1f} good sessions a second, {found['failed']} failed"
    header = ("", "start, MiB", "end, MiB", "most, MiB", f"slope after {WARM_UP:.0%} of the time, MiB/h")
    return table(title, header, lines)


def as_json(samples: Sequence[Sample]) -> dict[str, Any]:
    """Return the same for a program; slopes in MiB per hour with their 95 % interval, None if it was too short."""
    seconds = samples[-1].seconds
    good, failed = (sum(counts) for counts in zip(*((each.good, each.failed) for each in samples), strict=True))
    settled = [each for each in samples if each.seconds >= WARM_UP * seconds]
    memory = {}
    for process in samples[0].memory_bytes:
        series = [each.memory_bytes[process] / MIB for each in samples]
        found = slope([each.seconds / 3600 for each in settled], [each.memory_bytes[process] / MIB for each in settled])
        memory[process] = {
            "start_mib": series[0],
            "end_mib": series[-1],
            "most_mib": max(series),
            "slope": None if found is None else {"value": found.value, "low": found.low, "high": found.high},
        }
    return {"seconds": seconds, "goodput": good / seconds, "failed": failed, "memory": memory}


def _slope(found: Mapping[str, float] | None) -> str:
    return "too short" if found is None else f"{found['value']:+.1f} [{found['low']:+.1f}, {found['high']:+.1f}]"
