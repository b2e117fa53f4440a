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
    experiments: Sequence[Experiment],
    request: Request,
    seed: int,
    repeats: Mapping[str, int] | None = None,
    *,
    first_block: int = 0,
) -> Plan:
    """
    One experiment after the other, each in a random order of its own; `repeats` are those of single experiments.

    `first_block`: the number of the first block, where a run that has others already goes on.
    """
    requests, trials = {}, []
    for experiment in experiments:
        own = replace(request, repeats=(repeats or {}).get(experiment.name, request.repeats))
        requests[experiment.name] = own
        specs = [replace(spec, block=spec.block + first_block) for spec in experiment.plan(own)]
        specs = shuffled(specs, seed_of(seed, experiment.name, *([first_block] if first_block else [])))
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


def left_of(chosen: Plan, trials: Sequence[Trial], first_block: int) -> Plan:
    """
    Return what is left to do of a plan after some trials.

    A block that was interrupted is made once more as a whole, with a number of its own from `first_block` on: arms are
    compared within a block, and what lies between two sittings, or two machines, must not come into it.
    """
    done: dict[tuple[str, int], set[str]] = {}
    for trial in trials:
        done.setdefault((trial.spec.experiment, trial.spec.block), set()).add(trial.spec.arm)
    wanted: dict[tuple[str, int], set[str]] = {}
    for experiment, spec, _ in chosen.trials:
        wanted.setdefault((experiment.name, spec.block), set()).add(spec.arm)
    left = []
    for experiment, spec, seconds in chosen.trials:
        block = experiment.name, spec.block
        if wanted[block] <= done.get(block, set()):
            continue
        begun = block in done
        left.append((experiment, replace(spec, block=first_block + spec.block) if begun else spec, seconds))
    return replace(chosen, trials=left)


def execute(chosen: Plan, run: Run, root: Path, watch: Watch, *, first: int = 0, machine: str = "") -> None:
    """
    Run all trials. What was measured is kept when this raises (KeyboardInterrupt).

    A trial that fails is kept as void, with the reason; the others go on.

    Args:
        chosen: the trials.
        run: where they are kept.
        root: the repository.
        watch: shows them.
        first: position of the first of them in the run.
        machine: the factor `machine` of all of them, in a run that was begun on another one.
    """
    failures = _Failures()
    shop_cores, load_cores = divided()
    for position, (experiment, spec, _) in enumerate(chosen.trials, first):
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
            known = replace(spec, factors={**spec.factors, "machine": machine}) if machine else spec
            run.keep(Trial(trial_id, known, position, started, time.monotonic() - since, outcome))
            if outcome.void:
                watch.say(f"{_title(spec)} is invalid: {outcome.void}")


def _title(spec: Spec) -> str:
    factors = ", ".join(f"{value}" for value in spec.factors.values())
    return f"{spec.experiment}: {spec.arm}" + (f" ({factors})" if factors else "")
