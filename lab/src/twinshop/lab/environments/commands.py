"""The commands `lab up`, `down`, `ps`, `logs`, `wait`, `url` and `import`."""

import argparse
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from twinshop.lab import repository
from twinshop.lab.environments.deployments import RUNTIMES, choose, known
from twinshop.lab.environments.kubernetes import access
from twinshop.lab.environments.lifecycle import Deployment, Status, running
from twinshop.lab.errors import LabError, ProvisionError, UsageError
from twinshop.lab.shapes import parse, with_workers
from twinshop.lab.terminal import painted, say

SHAPE = "mono, micro, or a grouping such as storefront+cart,catalog+payment,translate"
COLOURS = {"ready": 32, "starting": 33, "restarting": 33, "not ready": 33, "crashed": 31, "stopped": 2}
NOTHING = "Nothing is running. `make up-mono` or `make up-micro` starts the shop."


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    """Add the commands to the command line; each sets `run`, which takes the arguments and returns the exit code."""
    where = "default: auto, Docker if it is usable and the shape does not run locally yet"
    up = _command(commands, "up", _up, "start a shape and wait until it is ready", shape=None, where=where)
    _seconds(up, 180)
    down = _command(commands, "down", _down, "stop a shape, or all of them")
    down.add_argument("--delete", action="store_true", help="also delete the data")
    _command(commands, "ps", _ps, "list the running processes")
    logs = _command(commands, "logs", _logs, "show the logs of a shape, or of all running shapes")
    logs.add_argument("--component", action="append", default=[], help="show only this component (may be repeated)")
    logs.add_argument("--lines", type=int, default=50, help="lines to show from the end of each log (default: 50)")
    logs.add_argument("--follow", action="store_true", help="print new lines until Ctrl-C")
    _seconds(_command(commands, "wait", _wait, "wait until a shape is ready", shape=None), 60)
    _command(commands, "url", _url, "print the address of a running shop")
    words = "replace the catalogue of a running shop by the products of a file"
    _command(commands, "import", _import, words).add_argument(
        "--file", type=Path, required=True, help="CSV or JSON, see docs/import.md"
    )


def _command(
    commands: Any,  # noqa: ANN401 - see above
    name: str,
    run: Callable[[argparse.Namespace], int],
    words: str,
    *,
    shape: str | None = "?",
    where: str = "default: auto, local and Docker",
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, description=f"{words.capitalize()}.")
    command.add_argument("shape", nargs=shape, help=SHAPE)
    command.add_argument("--port", type=int, help="first port of the shape (default: 8100, 8200, groupings 8300)")
    command.add_argument("--runtime", choices=RUNTIMES, default="auto", help=where)
    access.add_options(command)
    command.set_defaults(run=run)
    return command


def _seconds(command: argparse.ArgumentParser, default: float) -> None:
    command.add_argument("--timeout", type=float, default=default, help=f"seconds to wait (default: {default})")


def _up(arguments: argparse.Namespace) -> int:
    access.remember(arguments)
    shape = with_workers(parse(arguments.shape, arguments.port), os.environ)
    deployment = choose(shape, arguments.runtime, repository.repository(), say)
    say(f"Bringing up {deployment.title} …")
    if not deployment.up(arguments.timeout):
        say("It is up already.")
    say(table(deployment, deployment.ps()))
    say(f"\nThe shop is open: {deployment.url}")
    return 0


def _down(arguments: argparse.Namespace) -> int:
    meant = _meant(arguments)
    stopped = [deployment for deployment in meant if deployment.down(delete=arguments.delete)]
    for deployment in stopped:
        say(f"Stopped: {deployment.title}")
    if not stopped:
        say("Nothing was running.")
    return 0


def _ps(arguments: argparse.Namespace) -> int:
    seen = [(deployment, deployment.ps()) for deployment in _meant(arguments)]
    up = _up_among(seen)
    for deployment, states in up:
        say(table(deployment, states))
    if not up:
        say(NOTHING)
    return 0


def _logs(arguments: argparse.Namespace) -> int:
    meant = _meant(arguments)
    chosen = [deployment for deployment, _ in _up_among([(each, each.ps()) for each in meant])]
    if not chosen and arguments.shape:
        say("It is not running; these are the last lines of its last run.")
        chosen = meant[:1]
    if not chosen:
        raise ProvisionError(NOTHING)
    failures: list[LabError] = []

    def show(deployment: Deployment) -> None:
        try:
            deployment.logs(arguments.component, lines=arguments.lines, follow=arguments.follow)
        except LabError as error:
            failures.append(error)

    # side by side, since following one would never come to the next; daemons, so that Ctrl-C ends them all
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
    chosen = [each for each, _ in _up_among([(each, each.ps()) for each in _meant(arguments)])]
    if not chosen:
        raise ProvisionError(NOTHING)
    for deployment in chosen:
        deployment.wait(arguments.timeout)
        say(f"Ready: {deployment.title}, {deployment.url}")
    return 0


def _url(arguments: argparse.Namespace) -> int:
    found = [deployment for deployment, _ in _up_among([(each, each.ps()) for each in _meant(arguments)])]
    if not found:
        wanted = arguments.shape or "mono"
        raise ProvisionError(f"{wanted} does not run. Start it: `make up-{wanted}`, or `lab up {wanted}`.")
    say(found[0].url)
    return 0


def _import(arguments: argparse.Namespace) -> int:
    if not arguments.file.is_file():
        raise UsageError(f"There is no file {arguments.file}.")
    found = [deployment for deployment, _ in _up_among([(each, each.ps()) for each in _meant(arguments)])]
    if not found:
        raise ProvisionError(NOTHING)
    if len(found) > 1:
        names = ", ".join(deployment.title for deployment in found)
        raise UsageError(f"More than one shop runs ({names}): say which one, by SHAPE=, PORT= or RUNTIME=.")
    say(f"Importing {arguments.file} into {found[0].title} …")
    if not found[0].import_products(arguments.file):
        return 1
    say(f"The shop shows them: {found[0].url}")
    return 0


def _meant(arguments: argparse.Namespace) -> list[Deployment]:
    access.remember(arguments)
    return known(arguments.shape, arguments.runtime, repository.repository(), arguments.port, data=_deletes(arguments))


def _deletes(arguments: argparse.Namespace) -> bool:
    return bool(getattr(arguments, "delete", False))


def _up_among(seen: Sequence[tuple[Deployment, list[Status]]]) -> list[tuple[Deployment, list[Status]]]:
    return [(deployment, states) for deployment, states in seen if running(states)]


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
