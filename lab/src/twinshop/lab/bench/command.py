"""The command `lab bench`."""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twinshop.lab import repository
from twinshop.lab.bench import calls, images, keys, pages, report, startup, throughput
from twinshop.lab.bench.shop import Rows
from twinshop.lab.environments.docker import docker
from twinshop.lab.results import machine
from twinshop.lab.shapes import MICRO, MONO
from twinshop.lab.terminal import complain, say

DESCRIPTION = """A short benchmark of both shapes: start, load on one core, memory, calls between components, images. It
takes minutes and needs a quiet machine. It prints the tables of each part, without statistics, when the part is done,
and stores the rows under results/ after every block: Ctrl-C keeps what there is."""
PARTS = ("startup", "pages", "throughput", "calls", "keys", "docker")

PAGES_EACH = 400
"""Visits of each page: a process's CPU time is told in steps of 10 ms."""


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    bench = commands.add_parser("bench", description=DESCRIPTION)
    bench.add_argument("--only", choices=PARTS, action="append", help="this part (may be repeated); default: all")
    bench.add_argument("--repeats", type=int, default=5, help="blocks of each measurement (default: 5)")
    bench.add_argument("--seconds", type=float, default=8, help="length of each load (default: 8)")
    bench.set_defaults(run=_bench)


def _bench(arguments: argparse.Namespace) -> int:
    root = repository.repository()
    parts = arguments.only or PARTS
    data: dict[str, Any] = {"began": datetime.now(UTC).isoformat(), "machine": machine.fingerprint(root)}
    data["parameters"] = {"repeats": arguments.repeats, "seconds": arguments.seconds, "visitors": throughput.VISITORS}
    folder = root / "results" / f"bench-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    folder.mkdir(parents=True)
    file = folder / "bench.json"
    code = 0
    try:
        for title, blocks, measured in _parts(parts, arguments.repeats, arguments.seconds):
            run(title, blocks, measured, data, file)
    except KeyboardInterrupt:
        complain("Interrupted: what was measured so far is kept.")
        if text := report.text(data):
            say(text)
        code = 130
    if file.exists():
        say(f"\nStored: {file.relative_to(root)}")
    else:
        folder.rmdir()
    return code


def _parts(parts: Sequence[str], repeats: int, seconds: float) -> Iterator[tuple[str, int, Iterable[Rows]]]:
    """Each wanted part: what it is called, how many blocks it has, and the blocks, measured as they are taken."""
    shapes = [MONO, MICRO]
    if "startup" in parts:
        yield "Startup, local runtime", repeats, startup.measure(shapes, "local", repeats)
    if "pages" in parts:
        yield "Pages", repeats, pages.measure(shapes, repeats, PAGES_EACH)
    if "throughput" in parts:
        yield "Load on one core", repeats, throughput.measure(shapes, repeats, seconds)
    if "calls" in parts:
        yield "Calls between components", 1, ({"calls": calls.measure(MICRO, repeats)} for _ in range(1))
    if "keys" in parts:
        yield "Keys of calls between components", 1, ({"keys": keys.measure(repeats)} for _ in range(1))
    if "docker" in parts:
        if why_not := docker.unusable():
            say(f"Docker cannot be used ({why_not}): containers and images are left out.")
            return
        yield "Startup, Docker", repeats, startup.measure(shapes, "docker", repeats)
        yield "Images", 1, ({"images": images.measure()} for _ in range(1))


def run(
    title: str,
    blocks: int,
    measured: Iterable[Rows],
    data: dict[str, Any],
    file: Path,
    *,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """
    Measure one part: say how far it is, store every block at once, and print its tables when it is done.

    Args:
        title: of the part.
        blocks: how many there will be.
        measured: the rows of each block, by table; taking one measures it.
        data: everything measured so far; the rows are added.
        file: where it is stored.
        now: seconds on a clock that never goes back.
    """
    say(f"{title}: {blocks} {'block' if blocks == 1 else 'blocks'} …")
    since, names = now(), dict[str, None]()
    for done, rows in enumerate(measured, start=1):
        for name, more in rows.items():
            names[name] = None
            data[name] = [*data.get(name, []), *more]
        new = file.with_suffix(".new")
        new.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        new.replace(file)  # an interruption leaves the whole file of the block before
        if done < blocks:
            say(f"  {done} of {blocks} done, about {_left((now() - since) / done * (blocks - done))} left of this part")
    say("\n" + report.text({name: data[name] for name in names}) + "\n")


def _left(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"  # noqa: PLR2004 - two digits
