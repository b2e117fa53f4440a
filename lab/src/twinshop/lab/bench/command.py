"""The command `lab bench`."""

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from twinshop.lab.bench import calls, images, report, startup, throughput
from twinshop.lab.deployment import docker, state
from twinshop.lab.deployment.shape import MICRO, MONO
from twinshop.lab.deployment.terminal import say
from twinshop.lab.results import machine

DESCRIPTION = """A short benchmark of both shapes: start, load on one core, memory, calls between components, images. It
takes minutes, wants a quiet machine, prints tables without statistics, and stores the rows under results/."""
PARTS = ("startup", "throughput", "calls", "docker")


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    bench = commands.add_parser("bench", description=DESCRIPTION)
    bench.add_argument("--only", choices=PARTS, action="append", help="this part (may be repeated); default: all")
    bench.add_argument("--repeats", type=int, default=5, help="blocks of each measurement (default: 5)")
    bench.add_argument("--seconds", type=float, default=8, help="length of each load (default: 8)")
    bench.set_defaults(run=_bench)


def _bench(arguments: argparse.Namespace) -> int:
    root = state.repository()
    parts = arguments.only or PARTS
    shapes = [MONO, MICRO]
    data: dict[str, Any] = {"began": datetime.now(UTC).isoformat(), "machine": machine.fingerprint(root)}
    data["parameters"] = {"repeats": arguments.repeats, "seconds": arguments.seconds, "visitors": throughput.VISITORS}
    folder = root / "results" / f"bench-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    folder.mkdir(parents=True)

    def keep(**rows: Any) -> None:  # noqa: ANN401
        """Store after every part: an interrupted run keeps what it measured."""
        for name, more in rows.items():
            data[name] = [*data.get(name, []), *more]
        (folder / "bench.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")

    if "startup" in parts:
        say("Startup, local runtime …")
        keep(startup=startup.measure(shapes, "local", arguments.repeats))
    if "throughput" in parts:
        say("Load on one core …")
        loads, memory = throughput.measure(shapes, arguments.repeats, arguments.seconds)
        keep(throughput=loads, memory=memory)
    if "calls" in parts:
        say("Calls between components …")
        keep(calls=calls.measure(MICRO, arguments.repeats))
    if "docker" in parts:
        if why_not := docker.unusable():
            say(f"Docker cannot be used ({why_not}): containers and images are left out.")
        else:
            say("Startup and images, Docker …")
            keep(startup=startup.measure(shapes, "docker", arguments.repeats))
            keep(images=images.measure())
    say("\n" + report.text(data))
    say(f"\nStored: {(folder / 'bench.json').relative_to(root)}")
    return 0
