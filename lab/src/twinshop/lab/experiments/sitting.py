"""One sitting of a run: the trials from its start, or from a resumption, to its end or an interruption."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twinshop.lab.errors import UsageError
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.progress import Watch
from twinshop.lab.experiments.registry import experiment
from twinshop.lab.experiments.reporting import sections_of
from twinshop.lab.experiments.runner import Plan, execute, left_of, plan
from twinshop.lab.experiments.until import Until, batches
from twinshop.lab.results import machine
from twinshop.lab.results.run import Run
from twinshop.lab.terminal import complain, say


def sitting(run: Run, root: Path, request: Request, repeats: Mapping[str, int]) -> bool:
    """
    Make what is left of a run; return whether it is complete then, and not interrupted.

    Args:
        run: with its manifest.
        root: the repository.
        request: as the run was asked for.
        repeats: blocks of single experiments.

    Raises:
        UsageError: the shop has other code than the run began with.
    """
    name = _noted(run, machine.fingerprint(root))
    state = "interrupted"
    try:
        if "until" in run.manifest():
            _by_need(run, root, request, name)
        else:
            manifest = run.manifest()
            whole = plan([experiment(each) for each in manifest["experiments"]], request, manifest["seed"], repeats)
            _make(left_of(whole, run.trials(), _next_block(run)), run, root, name)
        state = "complete"
    except KeyboardInterrupt:
        complain("Interrupted. Everything was stopped, and the finished trials are kept.")
    finally:
        run.describe(state=state, ended=datetime.now(UTC).isoformat(timespec="seconds"))
    return state == "complete"


def _by_need(run: Run, root: Path, request: Request, name: str) -> None:
    """One experiment after the other; of each, blocks until its main effects are known well enough."""
    told = run.manifest()["until"]
    until = Until(told["width"], tuple(told["looks"]))
    for each in run.manifest()["experiments"]:
        for look, blocks in enumerate(batches(until.looks)):
            looked: dict[str, int] = run.manifest().get("looked", {})
            if look < looked.get(each, 0):
                continue
            own = replace(request, repeats=blocks)
            chosen = plan([experiment(each)], own, run.manifest()["seed"], first_block=_next_block(run))
            _make(chosen, run, root, name)
            run.describe(looked={**looked, each: look + 1})
            section = next((found for found in sections_of(run)[0] if found.name == each), None)
            if section is not None and until.reached(section):
                say(f"{each}: enough after {until.looks[look]} blocks.")
                run.describe(looked={**looked, each: len(until.looks)})
                break


def _make(chosen: Plan, run: Run, root: Path, name: str) -> None:
    first = 1 + max((trial.position for trial in run.trials()), default=-1)
    first = max(first, _folders(run))  # of trials that were interrupted, too
    with Watch([seconds for _, _, seconds in chosen.trials]) as watch:
        execute(chosen, run, root, watch, first=first, machine=name)


def _folders(run: Run) -> int:
    """The position after the last one that has a folder."""
    numbers = [each.name.rpartition("-")[2] for each in (run.folder / "trials").glob("*-*")]
    return 1 + max((int(number) for number in numbers if number.isdecimal()), default=-1)


def _next_block(run: Run) -> int:
    return 1 + max((trial.spec.block for trial in run.trials()), default=-1)


def _noted(run: Run, found: Mapping[str, Any]) -> str:
    """Note the sitting in the manifest, and return the name of its machine: empty for the one that began the run."""
    manifest = run.manifest()
    first = manifest["machine"]
    if found["code_sha256"] != first["code_sha256"]:
        raise UsageError(
            f"The code of the shop is not that with which {run.name} began (commit {first['commit']}): check that out."
        )
    sittings: list[dict[str, Any]] = manifest.get("sittings", [])
    machines: list[Mapping[str, Any]] = [first]
    for each in (*(one["machine"] for one in sittings), found):
        if not any(machine.same(each, known) for known in machines):
            machines.append(each)
    number = next(at for at, known in enumerate(machines) if machine.same(found, known))
    name = f"machine {number + 1}" if number else ""
    began = datetime.now(UTC).isoformat(timespec="seconds")
    run.describe(state="running", sittings=[*sittings, {"began": began, "machine_name": name, "machine": dict(found)}])
    return name
