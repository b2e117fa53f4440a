"""The command `lab demo`."""

import argparse
from typing import Any

PORT = 8400
RATE = 4.0


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    command = commands.add_parser("demo")
    command.add_argument("--port", type=int, default=PORT, help=f"of the control room (default: {PORT})")
    command.add_argument(
        "--runtime", choices=("auto", "local", "docker"), default="auto", help="default: Docker if usable"
    )
    command.add_argument("--rate", type=float, default=RATE, help=f"shoppers a second in each shop (default: {RATE:g})")
    command.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    from twinshop.lab.control.demo import demo  # noqa: PLC0415 - a web server: only when it is wanted

    return demo(arguments)
