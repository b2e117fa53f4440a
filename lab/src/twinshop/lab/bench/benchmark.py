"""Measure the parts of `twinshop bench`, and store every block."""

import json
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twinshop.lab import repository
from twinshop.lab.bench import calls, engines, images, keys, pages, report, size, startup, throughput
from twinshop.lab.bench.shop import Rows
from twinshop.lab.environments.docker import docker
from twinshop.lab.results import machine
from twinshop.lab.shapes import MICRO, MONO
from twinshop.lab.terminal import complain, say, say_json
from twinshop.lab.words import counted

PAGES_EACH = 400
"""Visits of each page: a process's CPU time is told in steps of 10 ms."""


def benchmark(
    parts: Sequence[str],
    repeats: int,
    seconds: float,
    largest: tuple[int, int] = (size.PRODUCTS[-1], size.ORDERS[-1]),
    *,
    json_too: bool = False,
) -> int:
    """
    Measure the parts of `PARTS`, one after the other, store the rows and print the tables.

    Args:
        parts: what to measure.
        repeats: blocks of each measurement.
        seconds: of each load.
        largest: numbers of products and of orders up to which the part `size` measures.
        json_too: whether to print all rows as JSON at the end.

    Returns:
        The exit code: 0, or 130 if it was interrupted.
    """
    root = repository.repository()
    data: dict[str, Any] = {"began": datetime.now(UTC).isoformat(), "machine": machine.fingerprint(root)}
    data["parameters"] = {"repeats": repeats, "seconds": seconds, "visitors": throughput.VISITORS}
    folder = root / "results" / f"bench-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    folder.mkdir(parents=True)
    file = folder / "bench.json"
    code = 0
    try:
        with closing(_parts(parts, repeats, seconds, largest)) as measured_parts:
            for title, blocks, measured in measured_parts:
                run(title, blocks, measured, data, file)
    except KeyboardInterrupt:
        complain("Interrupted. The finished blocks are kept.")
        if text := report.text(data):
            say(text)
        code = 130
    if file.exists():
        say(f"\nStored: {file.relative_to(root)}")
    else:
        folder.rmdir()
    if json_too:
        say_json(data)
    return code


def _parts(
    parts: Sequence[str], repeats: int, seconds: float, largest: tuple[int, int]
) -> Generator[tuple[str, int, Iterable[Rows]], None, None]:
    """Each wanted part: what it is called, how many blocks it has, and the blocks, measured as they are taken."""
    shapes = [MONO, MICRO]
    if "startup" in parts:
        yield "Startup, local runtime", repeats, startup.measure(shapes, "local", repeats)
    if "engines" in parts:
        yield "Startup by the translator's engine", repeats, engines.measure(shapes, repeats)
    if "pages" in parts:
        yield "Pages", repeats, pages.measure(shapes, repeats, PAGES_EACH)
    if "throughput" in parts:
        yield "Load on one core", repeats, throughput.measure(shapes, repeats, seconds)
    if "calls" in parts:
        yield "Calls between components", 1, ({"calls": calls.measure(MICRO, MONO.port, repeats)} for _ in range(1))
    if "keys" in parts:
        yield "Keys of calls between components", 1, ({"keys": keys.measure(repeats)} for _ in range(1))
    if "size" in parts:
        for engine, server in size.engines().items():
            for kind, most in zip((size.PRODUCT, size.ORDER), largest, strict=True):
                with size.filled(kind.up_to(most), engine, server) as stores:
                    yield f"Calls by the number of {kind.name}, {engine}", repeats, stores.measure(repeats)
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
    say(f"{title}: {counted(blocks, 'block')} …")
    since, part = now(), dict[str, list[dict[str, Any]]]()
    for done, rows in enumerate(measured, start=1):
        for name, more in rows.items():
            for rows_of in (part, data):
                rows_of[name] = [*rows_of.get(name, []), *more]
        new = file.with_suffix(".new")
        new.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        new.replace(file)  # an interruption leaves the whole file of the block before
        if done < blocks:
            left = report.time_left((now() - since) / done * (blocks - done))
            say(f"  {done} of {blocks} done, about {left} left of this part")
    say("\n" + report.text(part) + "\n")
