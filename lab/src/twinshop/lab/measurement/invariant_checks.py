"""Check the invariants I1 to I7 under the loads of a trial, and describe the result in the report."""

from collections.abc import Sequence
from pathlib import Path

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.invariants import Checked, attempts_of, check_environment
from twinshop.lab.load.checkouts import read_checkouts
from twinshop.lab.results.trial import Trial

DETAIL = "invariants"
"""Where a trial's `detail` has the result."""


def check(environment: Environment, loads: Sequence[Path]) -> Checked:
    """Check the books of an environment that was made with faults against all checkouts of all loads that it had."""
    return check_environment(
        environment, [attempt for folder in loads for attempt in attempts_of(read_checkouts(folder))]
    )


def told(trials: Sequence[Trial]) -> str:
    """One sentence about all trials, the void ones too; empty where nothing was checked."""
    found = [Checked.from_json(trial.outcome.detail[DETAIL]) for trial in trials if DETAIL in trial.outcome.detail]
    orders = sum(each.counted.get("I1", 0) for each in found)
    violations = [violation for each in found for violation in each.violations]
    if not found:
        return ""
    if not violations:
        return f"No invariant was violated in {orders:,} checkouts of {len(found)} trials."
    first = violations[0]
    kinds = ", ".join(sorted({violation.invariant for violation in violations}))
    return (
        f"{len(violations)} violations of {kinds} among {orders:,} checkouts, such as: {first.subject}: {first.detail}."
    )
