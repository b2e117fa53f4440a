"""The verb `twinshop load`."""

import argparse
import ipaddress
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from twinshop.lab import repository
from twinshop.lab.arguments import verb
from twinshop.lab.cores import divided
from twinshop.lab.errors import LoadError, UsageError
from twinshop.lab.load import options
from twinshop.lab.terminal import complain, say, say_json

if TYPE_CHECKING:
    from twinshop.lab.load.api import LoadResult


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    load = verb(
        commands,
        "load",
        _load,
        "Start sessions at a given rate, whether or not the shop keeps up (an open load), and measure the responses.",
        {
            "twinshop load http://localhost:8100": "ten sessions a second for a minute",
            "twinshop load http://localhost:8200 --profile ramp --rate 40 --seconds 120": "up to 40 a second",
            "twinshop load results/load-20261130T063000Z": "show the result of a stored load",
        },
        json=True,
    )
    load.add_argument(
        "url", help="address of the shop, such as http://localhost:8100, or the folder of a stored load to show"
    )
    options.add(load, profile="--profile")
    load.add_argument(
        "--elsewhere", action="store_true", help="confirm that the shop is on another machine and that you may load it"
    )
    load.add_argument("--folder", type=Path, help="folder for the results (default: results/load-<time>)")


def _load(arguments: argparse.Namespace) -> int:
    from twinshop.lab.load.api import read_load, start_load  # noqa: PLC0415 - numpy takes a while to import

    if (Path(arguments.url) / "generator.json").is_file():
        _show(read_load(Path(arguments.url)), arguments)
        return 0
    arguments.url = _with_scheme(arguments.url)
    if not arguments.elsewhere and not _here(arguments.url):
        raise UsageError(f"{arguments.url} is not on this machine. Add --elsewhere if you are allowed to load it.")
    # On a machine with one processor they share it, and nothing is pinned.
    cores = divided()[1] if len(os.sched_getaffinity(0)) > 1 else None
    plan = options.plan_of(arguments.url.rstrip("/"), arguments, cores=cores)
    folder = arguments.folder or repository.repository() / "results" / f"load-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty.")
    arrivals = sum((phase.start + phase.end) / 2 * phase.seconds for phase in plan.phases)
    say(f"About {arrivals:.0f} sessions in {plan.seconds:g} seconds to {plan.url} …")
    try:
        running = start_load(plan, folder)
        result = running.wait()
    except LoadError:
        _tidy(folder)
        raise
    except KeyboardInterrupt:
        complain("Interrupted. The measurements so far are kept.")
        if not (folder / "generator.json").is_file():
            _tidy(folder)
            return 130
        _show(read_load(folder), arguments)
        return 130
    finally:
        if folder.exists():
            say(f"Stored: {folder}")
    _show(result, arguments)
    return 0


def _show(result: "LoadResult", arguments: argparse.Namespace) -> None:
    from twinshop.lab.load import table  # noqa: PLC0415 - as above

    say(table.text(result))
    if arguments.json:
        say_json(table.as_json(result))


def _tidy(folder: Path) -> None:
    """Remove the folder of a load that never began."""
    if not (folder / "began.json").exists():
        shutil.rmtree(folder, ignore_errors=True)


def _with_scheme(typed: str) -> str:
    """Return the address as a browser understands it in its address bar."""
    return typed if "://" in typed else f"http://{typed}"


def _here(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
