"""Run the trials of experiments in random order, keep each as soon as it has ended, and leave nothing running."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from twinshop.lab.cores import divided
from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.experiments.api import Experiment, Request
from twinshop.lab.experiments.order import seed_of, shuffled
from twinshop.lab.experiments.progress import Watch
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.results.run import Run
from twinshop.lab.results.trial import Outcome, Spec, Trial

MOST_FAILURES = 3
"""Trials of one experiment that may fail in a row; then the rest of it is skipped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What a run is going to do.

    Attributes:
        requests: by experiment.
        seed: of all that is random.
        trials: in order, with the seconds that each is expected to take.
    """

    requests: Mapping[str, Request]
    seed: int
    trials: Sequence[tuple[Experiment, Spec, float]]

    @property
    def seconds(self) -> float:
        return sum(seconds for _, _, seconds in self.trials)


def plan(
    experiments: Sequence[Experiment], request: Request, seed: int, repeats: Mapping[str, int] | None = None
) -> Plan:
    """One experiment after the other, each in a random order of its own; `repeats` are those of single experiments."""
    requests, trials = {}, []
    for experiment in experiments:
        own = replace(request, repeats=(repeats or {}).get(experiment.name, request.repeats))
        requests[experiment.name] = own
        specs = shuffled(experiment.plan(own), seed_of(seed, experiment.name))
        trials += [(experiment, spec, experiment.expected_seconds(spec, own)) for spec in specs]
    return Plan(requests, seed, trials)


@dataclass(slots=True)
class _Failures:
    """Failures in a row, by experiment."""

    in_a_row: dict[str, int] = field(default_factory=dict)

    def note(self, name: str, *, failed: bool) -> None:
        self.in_a_row[name] = self.in_a_row.get(name, 0) + 1 if failed else 0

    def too_many(self, name: str) -> bool:
        return self.in_a_row.get(name, 0) >= MOST_FAILURES


def execute(chosen: Plan, run: Run, root: Path, watch: Watch) -> None:
    """
    Run all trials. What was measured is kept when this raises (KeyboardInterrupt).

    A trial that fails is kept as void, with the reason; the others go on.
    """
    failures = _Failures()
    shop_cores, load_cores = divided()
    for position, (experiment, spec, _) in enumerate(chosen.trials):
        if failures.too_many(experiment.name):
            run.keep_skipped(
                experiment.name, f"{MOST_FAILURES} trials failed in a row: the remaining ones were skipped."
            )
            with watch.trial(f"{experiment.name}: left out"):
                continue
        trial_id = f"{experiment.name}-{position:04}"
        seed = seed_of(chosen.seed, experiment.name, spec.block)  # the same for all arms of a block
        bench = Bench(root, run.trial_folder(trial_id), seed, shop_cores, load_cores, watch.say)
        with watch.trial(_title(spec)):
            started, since = datetime.now(UTC).isoformat(timespec="milliseconds"), time.monotonic()
            try:
                outcome = experiment.run(spec, chosen.requests[experiment.name], bench)
            except Unsupported as skipped:
                run.keep_skipped(experiment.name, str(skipped))
                continue
            except (LabError, OSError) as error:
                watch.say(f"{_title(spec)} failed: {error}")
                outcome = Outcome({}, void=f"failed: {error}")
            failures.note(experiment.name, failed=not outcome.figures)
            run.keep(Trial(trial_id, spec, position, started, time.monotonic() - since, outcome))
            if outcome.void:
                watch.say(f"{_title(spec)} is invalid: {outcome.void}")


def _title(spec: Spec) -> str:
    factors = ", ".join(f"{value}" for value in spec.factors.values())
    return f"{spec.experiment}: {spec.arm}" + (f" ({factors})" if factors else "")
