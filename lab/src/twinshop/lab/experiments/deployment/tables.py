"""The tables of the section."""

from collections.abc import Sequence

from twinshop.lab.experiments.deployment import groups
from twinshop.lab.report.numbers import DASH
from twinshop.lab.report.section import Table
from twinshop.lab.results.figures import middle
from twinshop.lab.results.trial import Trial

GOOD = (
    ("build, s", "build_s", 1.0, ".1f"),
    ("new layers, kB", "new_bytes", 1e3, ",.0f"),
    ("processes started", "processes", 1.0, ".0f"),
    ("deployed in, s", "deploy_s", 1.0, ".1f"),
    ("old and new together, s", "mixed_s", 1.0, ".1f"),
    ("failed sessions", "failed_sessions", 1.0, ".0f"),
    ("seconds affected", "affected_s", 1.0, ".0f"),
    ("slow requests", "slow_requests", 1.0, ".0f"),
    ("least goodput, /s", "least_goodput_per_s", 1.0, ".1f"),
    ("goodput before, /s", "base_goodput_per_s", 1.0, ".1f"),
)
BAD = (
    ("noticed after, s", "notice_s", 1.0, ".1f"),
    ("way back, s", "rollback_s", 1.0, ".1f"),
    ("failed sessions", "bad_failed_sessions", 1.0, ".0f"),
    ("seconds affected", "bad_affected_s", 1.0, ".0f"),
    ("slow requests", "bad_slow_requests", 1.0, ".0f"),
    ("least goodput, /s", "bad_least_goodput_per_s", 1.0, ".1f"),
)


def good(trials: Sequence[Trial]) -> Table:
    return _table(trials, "deploy-good", "A one-line patch: medians over the blocks.", GOOD)


def bad(trials: Sequence[Trial]) -> Table:
    caption = "A patch that does not start: until it is detected, and the rollback. Medians over the blocks."
    return _table(trials, "deploy-bad", caption, BAD)


def _table(trials: Sequence[Trial], name: str, caption: str, columns: Sequence[tuple[str, str, float, str]]) -> Table:
    rows = []
    for case in groups.cases(trials):
        for arm in (groups.MONO, groups.MICRO):
            if own := groups.of(trials, case, arm):
                found = [
                    (middle(trials, arm, figure, **groups.where(case)), unit, form) for _, figure, unit, form in columns
                ]
                cells = [DASH if value is None else format(value / unit, form) for value, unit, form in found]
                rows.append([groups.title(case), arm, str(len(own)), *cells])
    return Table(name, caption, ("patch", "shape", "n", *(title for title, *_ in columns)), rows)
