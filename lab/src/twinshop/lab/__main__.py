"""The command line of the lab: `lab` or `python -m twinshop.lab`."""

import argparse
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from twinshop.lab.errors import LabError
from twinshop.lab.terminal import complain

COMMANDS: Mapping[str, tuple[str, str]] = {
    "up": (".environments.commands", "start a shape and wait until it is ready"),
    "down": (".environments.commands", "stop a shape, or all of them"),
    "ps": (".environments.commands", "list the running processes"),
    "logs": (".environments.commands", "show the logs of a shape, or of all running shapes"),
    "wait": (".environments.commands", "wait until a shape is ready"),
    "url": (".environments.commands", "print the address of a running shop"),
    "bench": (".bench.command", "measure both shapes side by side"),
    "check": (".lessons.command", "say what of a lesson is done, wrong or missing"),
    "demo": (".control.command", "start both shapes side by side, with a control room"),
    "run": (".experiments.commands", "run experiments and write a report"),
    "runs": (".experiments.commands", "list the runs under results/"),
    "report": (".experiments.report_commands", "rebuild the report of a run from its data"),
    "compare": (".experiments.report_commands", "compare the figures of two runs"),
    "simulate": (".simulation.command", "check the statistics on simulated data"),
    "plan": (".plan.command", "plan the capacity for a load, from a measured run"),
    "load": (".load.command", "send an open load to a shop and measure it"),
    "soak": (".soak.command", "watch memory and goodput over a long constant load"),
    "layers": (".layers.command", "show the layers of the images, and what a change rebuilds"),
    "torture": (".torture.command", "inject random faults under load, then check for lost orders"),
}
"""
Each command's module and what it is for. Only the module of the command that is meant is imported: `lab up` should
not wait for the libraries that draw plots.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command.

    Returns:
        The exit code: 0 done, 1 done and something is wrong, 2 wrong usage, 3 the environment could not be made,
        130 interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="lab", description="Bring Twinshop up in any shape, and measure it.")
    subparsers = parser.add_subparsers(required=True, metavar="command")
    named = COMMANDS.get(given[0]) if given else None
    if named:
        import_module(named[0], __package__).register(subparsers)
    else:
        for name, (_, words) in COMMANDS.items():
            subparsers.add_parser(name, help=words)
    chosen = parser.parse_args(given)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code: int = chosen.run(chosen)
    except LabError as error:
        complain(str(error))
        return error.exit_code
    except BrokenPipeError:  # `lab logs | head`
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        complain("Interrupted.")
        return 130
    return code


def _terminated(*_: object) -> None:
    """As Ctrl-C: whatever was started is stopped on the way out."""
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
