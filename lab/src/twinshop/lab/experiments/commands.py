"""The commands `lab run` and `lab runs`."""

import argparse
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from twinshop.lab import repository
from twinshop.lab.environments.docker import docker
from twinshop.lab.environments.kubernetes import access
from twinshop.lab.environments.protocol import Runtime
from twinshop.lab.errors import ProvisionError, UsageError
from twinshop.lab.experiments.api import Effort, Request
from twinshop.lab.experiments.order import BALANCED
from twinshop.lab.experiments.registry import NAMES, ON_A_CLUSTER, experiment, options_of
from twinshop.lab.experiments.report_commands import write_report
from twinshop.lab.results.run import all_runs, new_run
from twinshop.lab.terminal import complain, say

Runtimes = tuple[Runtime, ...]
BUSY = 0.5
"""Load average above which the machine is not quiet."""


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    """Add the commands to the command line; each sets `run`."""
    run = commands.add_parser(
        "run",
        description="Run experiments and write a report.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_listed(),
    )
    run.add_argument("experiments", nargs="*", metavar="experiment", help=f"{', '.join(NAMES)}; none: all of them")
    run.add_argument("--effort", choices=get_args(Effort), default="quick", help="default: quick; claims need full")
    run.add_argument(
        "--runtime",
        choices=("both", "docker", "local", "cluster"),
        default="both",
        help="default: the usable runtimes of this machine",
    )
    run.add_argument(
        "--repeats",
        action="append",
        default=[],
        metavar="[EXPERIMENT=]N",
        help="blocks of each comparison (warm starts, in startup) instead of the effort's own number (may be repeated)",
    )
    run.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="EXPERIMENT.OPTION=VALUE",
        help="set an option of one experiment, listed below (may be repeated)",
    )
    run.add_argument("--seed", type=int, help="random seed (default: generated and recorded in run.json)")
    run.add_argument("--name", help="name of the folder under results/ (default: the effort or the experiments)")
    run.add_argument("--forecast", action="store_true", help="only print what would run, and for how long")
    access.add_options(run)
    run.set_defaults(run=_run)
    commands.add_parser("runs", description="List the runs under results/.").set_defaults(run=_runs)


def _run(arguments: argparse.Namespace) -> int:
    from twinshop.lab.experiments.progress import Watch, duration  # noqa: PLC0415 - as in registry: only when wanted
    from twinshop.lab.experiments.runner import execute, plan  # noqa: PLC0415
    from twinshop.lab.results import machine  # noqa: PLC0415

    root = repository.repository()
    access.remember(arguments)
    names = _names(arguments.experiments, arguments.runtime)
    everywhere, single = _repeats(arguments.repeats, names)
    runtimes, missing = _runtimes(arguments.runtime)
    request = Request(arguments.effort, runtimes, everywhere, _options(arguments.set, names))
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    chosen = plan([experiment(name) for name in names], request, seed, single)
    for name in names:
        own = [(spec, seconds) for each, spec, seconds in chosen.trials if each.name == name]
        say(f"  {name:10} {len(own):4} trials, about {duration(sum(seconds for _, seconds in own))}")
    until = datetime.now(UTC) + timedelta(seconds=chosen.seconds)
    say(f"In all about {duration(chosen.seconds)}, until {until.astimezone():%H:%M}. Seed {seed}.")
    if arguments.forecast:
        return 0
    if missing:
        say(missing)
    if (load := os.getloadavg()[0]) > BUSY:
        say(f"This machine is not quiet (load average {load:.1f}): what else runs on it will be in the figures.")
    repository.require_space(root)
    run = new_run(root, arguments.name or ("-".join(names) if arguments.experiments else arguments.effort))
    run.describe(
        began=datetime.now(UTC).isoformat(timespec="seconds"),
        state="running",
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
    )
    ended = "interrupted"
    try:
        with Watch([seconds for _, _, seconds in chosen.trials]) as watch:
            execute(chosen, run, root, watch)
        ended = "complete"
    except KeyboardInterrupt:
        complain("Interrupted: nothing is left running, and what was measured is kept.")
    finally:
        run.describe(state=ended, ended=datetime.now(UTC).isoformat(timespec="seconds"))
    say(f"Stored: {run.folder.relative_to(root)}")
    code = write_report(run)
    return code if ended == "complete" else 130


def _listed() -> str:
    described = [option for name in NAMES for option in options_of(name).described()]
    width = max(len(option) for option, _ in described)
    lines = (f"  {option.ljust(width)}  {meaning}" for option, meaning in described)
    return "\n".join(["options of the experiments, with their defaults:", *lines])


def _names(asked: Sequence[str], runtime: str) -> list[str]:
    """Those to run, each once. Raises LabError: one of them cannot be run on a cluster."""
    there = ON_A_CLUSTER if runtime == "cluster" else NAMES
    names = list(dict.fromkeys(asked)) or list(there)
    if foreign := [name for name in names if name in NAMES and name not in there]:
        raise UsageError(
            f"{foreign[0]} cannot be run on a cluster: it needs the shop on this machine, with processors of its own.\n"
            f"On a cluster: {', '.join(there)}"
        )
    return names


def _runtimes(wanted: str) -> tuple[Runtimes, str | None]:
    """Those that can be used, and what to tell about one that cannot."""
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
    """Of all experiments, and of single ones."""
    everywhere, single = None, {}
    for text in given:
        name, equals, number = text.rpartition("=")
        if not number.isdecimal() or int(number) < 1 or (equals and not name):
            raise UsageError(f"--repeats wants a whole number above zero, not `{text}`.")
        if name and name not in names:
            raise UsageError(f"--repeats {text}: {name} is not among the experiments to run ({', '.join(names)}).")
        if name:
            single[name] = int(number)
        else:
            everywhere = int(number)
    return everywhere, single


def _options(settings: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Of `tax.splits=all` and the like; whether an experiment has such an option is its own to say."""
    options = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        owner, dot, option = name.partition(".")
        if not (equals and dot and option and value):
            raise UsageError(f"--set wants <experiment>.<option>=<value>, not `{setting}`.")
        if owner not in names:
            raise UsageError(f"--set {setting}: {owner} is not among the experiments to run ({', '.join(names)}).")
        options[name] = value
    return options


def _runs(_: argparse.Namespace) -> int:
    runs = all_runs(repository.repository())
    for run in runs:
        manifest = run.manifest()
        about = f"{manifest.get('effort', '?')}, {len(run.trials())} trials, {manifest.get('state', '?')}"
        say(f"{run.name}  {about}, seed {manifest.get('seed', '?')}")
    if not runs:
        say("There are no runs yet: `make lab-quick` makes one.")
    return 0
