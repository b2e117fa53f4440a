"""Comparisons of latencies under a late generator."""

from twinshop.lab.results.trial import Outcome, Spec, Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.lateness import LATE, on_time


def trials(late):
    """Twice the latency: 10 and 20 ms, with some noise from block to block."""
    return [
        Trial(
            f"tax-{block}-{arm}",
            Spec("tax", arm, block),
            block,
            "",
            1.0,
            Outcome({"p50_ms": ms * noise**sign, **({} if late is None else {LATE: late})}),
        )
        for block, noise in enumerate((0.95, 1.0, 1.05))
        for arm, ms, sign in (("mono", 10.0, 1), ("micro", 20.0, -1))
    ]


def found(late):
    own = trials(late)
    return on_time(compare(own, "p50_ms", "mono", "micro", smaller_is_better=True), own)


def test_a_generator_that_is_late_by_less_than_a_tenth_of_the_interval_changes_nothing():
    """The interval is [1.56, 2.57] of 10 ms: 10 ms long."""
    assert found(0.9) == found(None)
    assert found(0.9).verdict == "worse"


def test_a_generator_that_is_later_leaves_no_verdict_but_the_numbers():
    late = found(1.1)

    assert (late.verdict, late.ratio, late.low, late.p) == ("withdrawn", found(None).ratio, found(None).low, 1.0)
    assert late.withdrawn == "the generator was late by 1.10 ms (p95), more than 10% of the interval"


def test_without_an_interval_there_is_nothing_to_measure_the_lateness_by():
    own = trials(5.0)[:2]
    single = compare(own, "p50_ms", "mono", "micro", smaller_is_better=True)

    assert on_time(single, own).withdrawn is None
