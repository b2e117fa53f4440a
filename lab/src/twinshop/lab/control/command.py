"""The verb `twinshop demo`."""

import argparse
from typing import Any

from twinshop.lab.arguments import verb

DESCRIPTION = """Start both shapes under the same load, with a control room in the browser that injects and reverts
faults. Ctrl-C ends it. docs/control-room.md describes it."""
EXAMPLES = {
    "twinshop demo": "the control room is at http://localhost:8400",
    "twinshop demo --runtime local --rate 2": "without Docker, at half the load",
}
PORT = 8400
RATE = 4.0


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    command = verb(commands, "demo", _demo, DESCRIPTION, EXAMPLES)
    command.add_argument("--port", type=int, default=PORT, help=f"port of the control room (default: {PORT})")
    command.add_argument(
        "--runtime",
        choices=("auto", "local", "docker"),
        default="auto",
        help="default: auto, which is Docker if it is usable",
    )
    command.add_argument("--rate", type=float, default=RATE, help=f"visits per second in each shop (default: {RATE:g})")


def _demo(arguments: argparse.Namespace) -> int:
    from twinshop.lab.control.demo import demo  # noqa: PLC0415 - a web server: only when it is needed

    return demo(arguments)
