"""The command `lab demo`."""

import argparse
from typing import Any

DESCRIPTION = """Start both shapes under the same load, with a control room in the browser that injects and reverts
faults, until Ctrl-C. docs/control-room.md describes it."""
PORT = 8400
RATE = 4.0


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    command = commands.add_parser("demo", description=DESCRIPTION)
    command.add_argument("--port", type=int, default=PORT, help=f"port of the control room (default: {PORT})")
    command.add_argument(
        "--runtime", choices=("auto", "local", "docker"), default="auto", help="default: Docker if usable"
    )
    command.add_argument("--rate", type=float, default=RATE, help=f"visitors a second in each shop (default: {RATE:g})")
    command.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    from twinshop.lab.control.demo import demo  # noqa: PLC0415 - a web server: only when it is wanted

    return demo(arguments)
