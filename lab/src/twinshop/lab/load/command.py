"""The command `lab load`."""

import argparse
import ipaddress
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from twinshop.lab import repository
from twinshop.lab.cores import divided
from twinshop.lab.errors import LoadError, UsageError
from twinshop.lab.load import options
from twinshop.lab.terminal import complain, say


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    load = commands.add_parser(
        "load",
        description="Send visitors at a given rate, whether or not the shop keeps up, and measure the answers.",
    )
    load.add_argument(
        "url", help="address of the shop, such as http://localhost:8100; or a folder with a stored load to show"
    )
    options.add(load, profile="--profile")
    load.add_argument(
        "--elsewhere", action="store_true", help="confirm that the shop is on another machine and that you may load it"
    )
    load.add_argument("--folder", type=Path, help="folder for the results (default: results/load-<time>)")
    load.set_defaults(run=_load)


def _load(arguments: argparse.Namespace) -> int:
    from twinshop.lab.load import table  # noqa: PLC0415 - numpy takes a while to import: only when wanted
    from twinshop.lab.load.api import read_load, start_load  # noqa: PLC0415

    if (Path(arguments.url) / "generator.json").is_file():
        say(table.text(read_load(Path(arguments.url))))
        return 0
    arguments.url = _with_scheme(arguments.url)
    if not arguments.elsewhere and not _here(arguments.url):
        raise UsageError(f"{arguments.url} is not on this machine. If you may load it, add --elsewhere.")
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
        complain("Interrupted: what was measured so far is kept.")
        if not (folder / "generator.json").is_file():
            _tidy(folder)
            return 130
        say(table.text(read_load(folder)))
        return 130
    finally:
        if folder.exists():
            say(f"Stored: {folder}")
    say(table.text(result))
    return 0


def _tidy(folder: Path) -> None:
    """A load that never began leaves no folder."""
    if not (folder / "began.json").exists():
        shutil.rmtree(folder, ignore_errors=True)


def _with_scheme(typed: str) -> str:
    """As a browser reads what is typed into its address bar."""
    return typed if "://" in typed else f"http://{typed}"


def _here(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
