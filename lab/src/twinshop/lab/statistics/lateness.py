"""Whether the load generator was on time for a comparison of latencies."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from statistics import median

from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.verdict import Comparison

LATE = "late_p95_ms"
"""The figure: what the generator added to the latency of 95 % of a trial's requests at most."""
MOST = 0.1
"""Of the interval's length. What the generator adds is in the latencies of both arms, and need not be the same."""


def on_time(found: Comparison, trials: Sequence[Trial]) -> Comparison:
    """
    Return a comparison of latencies in ms, without a verdict if the generator was too late for one.

    Args:
        found: the comparison.
        trials: those that it was made from; where they do not tell how late the generator was, nothing changes.
    """
    arms = (found.baseline, found.other)
    valid = [trial for trial in trials if trial.valid and trial.spec.arm in arms]
    late = [trial.outcome.figures[LATE] for trial in valid if LATE in trial.outcome.figures]
    base = [
        trial.outcome.figures[found.figure]
        for trial in valid
        if trial.spec.arm == found.baseline and found.figure in trial.outcome.figures
    ]
    length = (found.high - found.low) * (median(base) if base else 0.0)
    if not late or not isfinite(length) or max(late) < MOST * length or found.withdrawn is not None:
        return found
    reason = f"the generator was late by {max(late):.2f} ms (p95), more than {MOST:.0%} of the interval"
    return replace(found, withdrawn=reason)
