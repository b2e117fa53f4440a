"""Which steps of the latency the steady-state gate could have seen, at the noise that the loads had."""

from collections.abc import Sequence
from statistics import median

from twinshop.lab.report.section import Table
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.steady import ENOUGH_SECONDS, noise_of, power

STEPS = (0.15, 0.5)


def table(trials: Sequence[Trial]) -> Table:
    """One row for each length of the window that counts."""
    windows: dict[int, list[float]] = {}
    for trial in trials:
        if held := trial.outcome.detail.get("held"):
            seconds = round(held["seconds"])
            counted = [float("nan") if each is None else each for each in held["medians_ms"][-seconds:]]
            if (noise := noise_of(counted)) == noise:
                windows.setdefault(seconds, []).append(noise)
    rows = [
        [f"{seconds}", f"{median(found):.0%}", *(f"{power(step, median(found), seconds):.0%}" for step in STEPS)]
        for seconds, found in sorted(windows.items())
    ]
    caption = (
        "How often the steady-state test would find a step of the median latency in the middle of the "
        "window, simulated at the observed noise between seconds. The test is made for at least "
        f"{ENOUGH_SECONDS} s; a shorter window that passes is not shown to be steady."
    )
    header = ("seconds that count", "noise", *(f"finds a step of {step:.0%}" for step in STEPS))
    return Table("tax-steady", caption, header, rows)
