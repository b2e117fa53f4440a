"""The verbs `twinshop run` and `twinshop runs`."""

import argparse
import os
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, get_args

from twinshop.lab import repository
from twinshop.lab.arguments import PROGRAM, verb
from twinshop.lab.environments.docker import docker
from twinshop.lab.environments.kubernetes import access
from twinshop.lab.environments.protocol import Runtime
from twinshop.lab.errors import ProvisionError, UsageError
from twinshop.lab.experiments.api import Effort, Request
from twinshop.lab.experiments.order import BALANCED
from twinshop.lab.experiments.registry import NAMES, ON_A_CLUSTER, experiment, options_of
from twinshop.lab.experiments.report_commands import write_report
from twinshop.lab.experiments.until import LOOKS, Until
from twinshop.lab.results.run import Run, all_runs, find_run, new_run
from twinshop.lab.terminal import say, say_json

if TYPE_CHECKING:
    from twinshop.lab.experiments.runner import Plan

Runtimes = tuple[Runtime, ...]
BUSY = 0.5
"""Load average above which the machine is not quiet."""


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    """Add the verbs to the command line."""
    run = verb(
        commands,
        "run",
        _run,
        "Run experiments and write a report. Data, report and settings go to a new folder under results/.",
        {
            "twinshop run --forecast": "list what would run, and for how long",
            "twinshop run startup --effort smoke --runtime local": "the fastest run, of one experiment",
            "twinshop run --effort full --seed 1": "everything, with enough repetitions for verdicts",
            "twinshop run isolation --set isolation.faults=crash,hang": "two faults only",
            "twinshop run tax --effort full --until width=0.2": "as many blocks as it takes, at most 30",
            "twinshop run --resume latest": "go on where a run was interrupted",
            "twinshop run --like docs/report": "the run that the documentation shows, on this machine",
        },
        details=_listed(),
        json=True,
    )
    run.add_argument("experiments", nargs="*", metavar="experiment", help=f"{', '.join(NAMES)} (default: all of them)")
    run.add_argument("--effort", choices=get_args(Effort), default="quick", help="default: quick; verdicts need full")
    run.add_argument(
        "--runtime",
        choices=("both", "docker", "local", "cluster"),
        default="both",
        help="default: both, if Docker is usable",
    )
    run.add_argument(
        "--repeats",
        action="append",
        default=[],
        metavar="[EXPERIMENT=]N",
        help="blocks of each comparison (warm starts in startup); default: by effort (may be repeated)",
    )
    run.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="EXPERIMENT.OPTION=VALUE",
        help="set one of the options listed below (may be repeated)",
    )
    run.add_argument(
        "--until",
        metavar="width=W",
        help="add blocks until each main effect is clear, or its interval narrower: high / low - 1 <= W; at most "
        f"--repeats blocks, default {LOOKS[-1]}",
    )
    run.add_argument(
        "--resume",
        metavar="RUN",
        help="go on with a run that was interrupted, with its own settings, also on another day or machine",
    )
    run.add_argument(
        "--like",
        metavar="RUN",
        help="with experiments, effort, blocks, options and seed of another run, to compare the two afterwards",
    )
    run.add_argument("--seed", type=int, help="random seed (default: generated and recorded in run.json)")
    run.add_argument("--name", help="name of the folder under results/ (default: the effort or the experiments)")
    run.add_argument("--forecast", action="store_true", help="only print what would run, and for how long; run nothing")
    access.add_options(run)
    verb(
        commands,
        "runs",
        _runs,
        "List the runs under results/, the oldest first.",
        {"twinshop runs": "a line for each run", "twinshop runs --json": "for a program"},
        json=True,
    )


def _run(arguments: argparse.Namespace) -> int:
    from twinshop.lab.experiments.progress import duration  # noqa: PLC0415 - as in registry: only when wanted
    from twinshop.lab.experiments.runner import plan  # noqa: PLC0415
    from twinshop.lab.experiments.sitting import sitting  # noqa: PLC0415
    from twinshop.lab.results import machine  # noqa: PLC0415

    root = repository.repository()
    access.remember(arguments)
    if arguments.resume:
        if arguments.experiments or arguments.until or arguments.repeats or arguments.set or arguments.seed is not None:
            raise UsageError("--resume takes no other settings: a run goes on with its own")
        return _resume(find_run(root, arguments.resume), arguments)
    if arguments.like:
        _be_like(find_run(root, arguments.like), arguments)
    names = _names(arguments.experiments, arguments.runtime)
    everywhere, single = _repeats(arguments.repeats, names)
    runtimes, missing = _runtimes(arguments.runtime)
    request = Request(arguments.effort, runtimes, everywhere, _options(arguments.set, names))
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    until = Until.of(arguments.until, everywhere) if arguments.until else None
    if until and single:
        raise UsageError("--until adds blocks to all experiments alike: give --repeats N, the most of each")
    if until:
        request = replace(request, repeats=until.looks[0])
    chosen = plan([experiment(name) for name in names], request, seed, single)
    for name in names:
        own = [(spec, seconds) for each, spec, seconds in chosen.trials if each.name == name]
        say(f"  {name:10} {len(own):4} trials, about {duration(sum(seconds for _, seconds in own))}")
    end = datetime.now(UTC) + timedelta(seconds=chosen.seconds)
    if until:
        say(f"These are {until.looks[0]} blocks of each; up to {until.looks[-1]} are made until width {until.width:g}.")
    say(f"About {duration(chosen.seconds)} in all, until {end.astimezone():%H:%M}. Seed {seed}.")
    if arguments.forecast:
        if arguments.json:
            say_json(_forecast(chosen, seed))
        return 0
    if missing:
        say(missing)
    if (load := os.getloadavg()[0]) > BUSY:
        say(f"This machine is busy (load average {load:.1f}): other work on it will disturb the measurements.")
    repository.require_space(root)
    run = new_run(root, arguments.name or ("-".join(names) if arguments.experiments else arguments.effort))
    run.describe(
        began=datetime.now(UTC).isoformat(timespec="seconds"),
        state="running",
        program=PROGRAM,
        effort=arguments.effort,
        experiments=names,
        runtimes=runtimes,
        runtime_missing=missing,
        repeats=arguments.repeats,
        options=dict(request.options),
        settings={name: options_of(name).of(request.effort, request.options).model_dump() for name in names},
        seed=seed,
        order=BALANCED,
        expected_seconds=round(chosen.seconds),
        planned=len(chosen.trials),
        machine=machine.fingerprint(root),
        **({"until": {"width": until.width, "looks": until.looks}} if until else {}),
    )
    made = sitting(run, root, request, single)
    say(f"Stored: {run.folder.relative_to(root)}")
    code = write_report(run, json=arguments.json)
    return code if made else 130


def _be_like(run: Run, arguments: argparse.Namespace) -> None:
    """Take the settings of a run; raise UsageError where others are given as well."""
    if arguments.experiments or arguments.repeats or arguments.set or arguments.seed is not None:
        raise UsageError("--like takes the settings of that run: give no experiments, --repeats, --set or --seed")
    manifest = run.manifest()
    arguments.experiments, arguments.effort = list(manifest["experiments"]), manifest["effort"]
    arguments.repeats, arguments.seed = list(manifest.get("repeats") or ()), manifest["seed"]
    arguments.set = [f"{name}={value}" for name, value in manifest.get("options", {}).items()]


def _resume(run: Run, arguments: argparse.Namespace) -> int:
    from twinshop.lab.experiments.sitting import sitting  # noqa: PLC0415 - as above

    root, manifest = repository.repository(), run.manifest()
    if manifest.get("state") == "complete":
        raise UsageError(f"{run.name} is complete: there is nothing to go on with.")
    everywhere, single = _repeats(manifest.get("repeats") or [], manifest["experiments"])
    request = Request(manifest["effort"], tuple(manifest["runtimes"]), everywhere, manifest["options"])
    repository.require_space(root)
    made = sitting(run, root, request, single)
    code = write_report(run, json=arguments.json)
    return code if made else 130


def _forecast(chosen: "Plan", seed: int) -> dict[str, Any]:
    names = dict.fromkeys(experiment.name for experiment, _, _ in chosen.trials)
    own = {name: [seconds for each, _, seconds in chosen.trials if each.name == name] for name in names}
    return {
        "seed": seed,
        "seconds": chosen.seconds,
        "experiments": [{"name": name, "trials": len(each), "seconds": sum(each)} for name, each in own.items()],
    }


def _listed() -> str:
    described = [option for name in NAMES for option in options_of(name).described()]
    width = max(len(option) for option, _ in described)
    lines = (f"  {option.ljust(width)}  {meaning}" for option, meaning in described)
    return "\n".join(["options of the experiments, with their defaults:", *lines])


def _names(asked: Sequence[str], runtime: str) -> list[str]:
    """Return the experiments to run, each once. Raises UsageError if one of them cannot run on a cluster."""
    there = ON_A_CLUSTER if runtime == "cluster" else NAMES
    names = list(dict.fromkeys(asked)) or list(there)
    if foreign := [name for name in names if name in NAMES and name not in there]:
        raise UsageError(
            f"{foreign[0]} cannot run on a cluster: it needs the shop on this machine, with processors of its own.\n"
            f"On a cluster: {', '.join(there)}"
        )
    return names


def _runtimes(wanted: str) -> tuple[Runtimes, str | None]:
    """Return the runtimes that can be used, and why Docker is not among them."""
    if wanted == "local":
        return ("local",), None
    if wanted == "cluster":
        from twinshop.lab.environments.kubernetes.kubectl import require_cluster  # noqa: PLC0415 - only when wanted

        require_cluster(os.environ)
        return ("cluster",), None
    why_not = docker.unusable()
    if wanted == "docker":
        if why_not:
            raise ProvisionError(f"Docker cannot be used: {why_not}.\nWithout Docker: --runtime local")
        return ("docker",), None
    return (("local",), f"Docker cannot be used ({why_not}).") if why_not else (("docker", "local"), None)


def _repeats(given: Sequence[str], names: Sequence[str]) -> tuple[int | None, dict[str, int]]:
    """Return the blocks of every experiment, and those of single experiments."""
    everywhere, single = None, {}
    for text in given:
        name, equals, number = text.rpartition("=")
        if not number.isdecimal() or int(number) < 1 or (equals and not name):
            raise UsageError(f"invalid --repeats '{text}': write 5 or startup=5, with a whole number above 0")
        if name and name not in names:
            raise UsageError(f"--repeats {text}: {name} is not among the experiments to run ({', '.join(names)}).")
        if name:
            single[name] = int(number)
        else:
            everywhere = int(number)
    return everywhere, single


def _options(settings: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Return the values by `<experiment>.<option>`. Each experiment checks its own options later."""
    options = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        owner, dot, option = name.partition(".")
        if not (equals and dot and option and value):
            raise UsageError(f"invalid --set '{setting}': write EXPERIMENT.OPTION=VALUE, such as isolation.rate=20")
        if owner not in names:
            raise UsageError(f"--set {setting}: {owner} is not among the experiments to run ({', '.join(names)}).")
        options[name] = value
    return options


def _runs(arguments: argparse.Namespace) -> int:
    runs = all_runs(repository.repository())
    for run in runs:
        manifest = run.manifest()
        about = f"{manifest.get('effort', '?')}, {len(run.trials())} trials, {manifest.get('state', '?')}"
        say(f"{run.name}  {about}, seed {manifest.get('seed', '?')}")
    if not runs:
        say("There are no runs yet. `make lab-quick` creates one in about 10 minutes.")
    if arguments.json:
        say_json([_as_json(run) for run in runs])
    return 0


def _as_json(run: Run) -> dict[str, Any]:
    manifest = run.manifest()
    members = ("effort", "state", "seed", "began", "ended", "experiments")
    return {"name": run.name, "folder": str(run.folder), "trials": len(run.trials())} | {
        name: manifest.get(name) for name in members
    }
