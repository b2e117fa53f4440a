"""The verbs `twinshop up`, `down`, `ps`, `logs`, `wait`, `url` and `import`."""

import argparse
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from twinshop.lab import repository
from twinshop.lab.arguments import verb
from twinshop.lab.environments.deployments import RUNTIMES, choose, known
from twinshop.lab.environments.kubernetes import access
from twinshop.lab.environments.lifecycle import Deployment, Status, running
from twinshop.lab.errors import LabError, ProvisionError, UsageError
from twinshop.lab.shapes import parse, with_workers
from twinshop.lab.terminal import painted, say, say_json

SHAPE = "mono, micro, or a grouping such as storefront+cart,catalog+payment,translate"
COLOURS = {"ready": 32, "starting": 33, "restarting": 33, "not ready": 33, "crashed": 31, "stopped": 2}
NOTHING = "Nothing is running. `make up-mono` or `make up-micro` starts the shop."


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    """Add the verbs to the command line; each sets `run`, which takes the arguments and returns the exit code."""
    where = "default: auto, which is Docker if it is usable and the shape does not run locally yet"
    up = _verb(
        commands,
        "up",
        _up,
        "Start a shape and wait until it is ready. Starting a shape that already runs changes nothing.",
        {
            "twinshop up mono": "the monolith, at http://localhost:8100",
            "twinshop up micro --runtime local": "the microservices as processes of this machine, without Docker",
            "twinshop up storefront+cart,catalog+payment,translate --port 8500": "three processes, from port 8500 on",
        },
        shape=None,
        where=where,
    )
    _seconds(up, 180)
    down = _verb(
        commands,
        "down",
        _down,
        "Stop a shape, or all of them. The data stay unless --delete is given.",
        {
            "twinshop down": "stop everything",
            "twinshop down micro --delete": "stop the microservices and delete their data",
        },
    )
    down.add_argument("--delete", action="store_true", help="also delete the data")
    _verb(
        commands,
        "ps",
        _ps,
        "List the running processes, with their state.",
        {
            "twinshop ps": "every running shop",
            "twinshop ps micro --json": "the microservices, for a program",
        },
    )
    logs = _verb(
        commands,
        "logs",
        _logs,
        "Show the logs of a shape, or of all running shapes.",
        {
            "twinshop logs --follow": "new lines of all shops as they appear",
            "twinshop logs micro --component payment --lines 20": "the last 20 lines of payment",
        },
        json=False,
    )
    logs.add_argument("--component", action="append", default=[], help="show only this component (may be repeated)")
    logs.add_argument("--lines", type=int, default=50, help="lines to show from the end of each log (default: 50)")
    logs.add_argument("--follow", action="store_true", help="print new lines until Ctrl-C")
    wait = _verb(
        commands,
        "wait",
        _wait,
        "Wait until every process of a shape is ready.",
        {"twinshop wait mono --timeout 30": "fail if the monolith is not ready within 30 s"},
        shape=None,
    )
    _seconds(wait, 60)
    _verb(
        commands,
        "url",
        _url,
        "Print the address of a running shop.",
        {
            "twinshop url micro": "the address of the microservices",
            "twinshop url mono --json": "with shape and runtime, for a program",
        },
    )
    _verb(
        commands,
        "import",
        _import,
        "Replace the products of a running shop with those of a file.",
        {"twinshop import mono --file catalogue.csv": "sell these products in the monolith"},
        json=False,
    ).add_argument("--file", type=Path, required=True, help="CSV or JSON, see docs/import.md")


def _verb(
    commands: Any,  # noqa: ANN401 - see above
    name: str,
    run: Callable[[argparse.Namespace], int],
    description: str,
    examples: Mapping[str, str],
    *,
    shape: str | None = "?",
    where: str = "default: auto, which looks at local processes and Docker",
    json: bool = True,
) -> argparse.ArgumentParser:
    command = verb(commands, name, run, description, examples, json=json)
    command.add_argument("shape", nargs=shape, help=SHAPE)
    command.add_argument("--port", type=int, help="first port of the shape (default: 8100, 8200, groupings 8300)")
    command.add_argument("--runtime", choices=RUNTIMES, default="auto", help=where)
    access.add_options(command)
    return command


def _seconds(command: argparse.ArgumentParser, default: float) -> None:
    command.add_argument("--timeout", type=float, default=default, help=f"seconds to wait (default: {default})")


def _up(arguments: argparse.Namespace) -> int:
    access.remember(arguments)
    shape = with_workers(parse(arguments.shape, arguments.port), os.environ)
    deployment = choose(shape, arguments.runtime, repository.repository(), say)
    say(f"Starting {deployment.title} …")
    if not deployment.up(arguments.timeout):
        say("It is already running.")
    states = deployment.ps()
    say(table(deployment, states))
    say(f"\nThe shop is open: {deployment.url}")
    if arguments.json:
        say_json(_as_json(deployment, states))
    return 0


def _down(arguments: argparse.Namespace) -> int:
    meant = _meant(arguments)
    stopped = [deployment for deployment in meant if deployment.down(delete=arguments.delete)]
    for deployment in stopped:
        say(f"Stopped: {deployment.title}")
    if not stopped:
        say("Nothing was running.")
    if arguments.json:
        say_json([_named(deployment) for deployment in stopped])
    return 0


def _ps(arguments: argparse.Namespace) -> int:
    up = _up_among(_meant(arguments))
    for deployment, states in up:
        say(table(deployment, states))
    if not up:
        say(NOTHING)
    if arguments.json:
        say_json([_as_json(deployment, states) for deployment, states in up])
    return 0


def _logs(arguments: argparse.Namespace) -> int:
    meant = _meant(arguments)
    chosen = [deployment for deployment, _ in _up_among(meant)]
    if not chosen and arguments.shape:
        say("It is not running. The last lines of its last run:")
        chosen = meant[:1]
    if not chosen:
        raise ProvisionError(NOTHING)
    failures: list[LabError] = []

    def show(deployment: Deployment) -> None:
        try:
            deployment.logs(arguments.component, lines=arguments.lines, follow=arguments.follow)
        except LabError as error:
            failures.append(error)

    # In parallel, because following one log never ends; daemon threads, so that Ctrl-C ends them all.
    threads = [threading.Thread(target=show, args=(deployment,), daemon=True) for deployment in chosen]
    for thread in threads:
        thread.start()
        if not arguments.follow:
            thread.join()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return 0


def _wait(arguments: argparse.Namespace) -> int:
    chosen = _running(arguments)
    if not chosen:
        raise ProvisionError(NOTHING)
    for deployment in chosen:
        deployment.wait(arguments.timeout)
        say(f"Ready: {deployment.title}, {deployment.url}")
    if arguments.json:
        say_json([_named(deployment) for deployment in chosen])
    return 0


def _url(arguments: argparse.Namespace) -> int:
    found = _running(arguments)
    if not found:
        wanted = arguments.shape or "mono"
        raise ProvisionError(f"{wanted} is not running. Start it: `make up-{wanted}`, or `twinshop up {wanted}`.")
    say(found[0].url)
    if arguments.json:
        say_json(_named(found[0]))
    return 0


def _import(arguments: argparse.Namespace) -> int:
    if not arguments.file.is_file():
        raise UsageError(f"File not found: {arguments.file}")
    found = _running(arguments)
    if not found:
        raise ProvisionError(NOTHING)
    if len(found) > 1:
        names = ", ".join(deployment.title for deployment in found)
        raise UsageError(f"More than one shop is running ({names}): choose one with SHAPE=, PORT= or RUNTIME=.")
    say(f"Importing {arguments.file} into {found[0].title} …")
    if not found[0].import_products(arguments.file):
        return 1
    say(f"The shop shows them: {found[0].url}")
    return 0


def _meant(arguments: argparse.Namespace) -> list[Deployment]:
    access.remember(arguments)
    deletes = bool(getattr(arguments, "delete", False))
    return known(arguments.shape, arguments.runtime, repository.repository(), arguments.port, data=deletes)


def _running(arguments: argparse.Namespace) -> list[Deployment]:
    return [deployment for deployment, _ in _up_among(_meant(arguments))]


def _up_among(deployments: Sequence[Deployment]) -> list[tuple[Deployment, list[Status]]]:
    return [(deployment, states) for deployment in deployments if running(states := deployment.ps())]


def _named(deployment: Deployment) -> dict[str, Any]:
    return {"shape": deployment.shape.name, "runtime": deployment.runtime, "url": deployment.url}


def _as_json(deployment: Deployment, states: Sequence[Status]) -> dict[str, Any]:
    return {**_named(deployment), "processes": [asdict(each) for each in states]}


def table(deployment: Deployment, states: Sequence[Status]) -> str:
    """One row for each part, under the name of the deployment and its address."""
    rows = [("NAME", "STATE", "WHERE", ""), *((each.name, each.state, each.where, each.detail) for each in states)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        cells[1] = painted(cells[1], COLOURS.get(row[1], 1))
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join([f"{painted(deployment.title, 1)}: {deployment.url}", *lines])
