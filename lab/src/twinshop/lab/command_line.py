"""The verbs of the command line, and the parser that reads them."""

import argparse
import difflib
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import NoReturn

from twinshop.lab.arguments import PROGRAM

GROUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "run the shop": {
        "up": (".environments.commands", "start a shape and wait until it is ready"),
        "down": (".environments.commands", "stop a shape, or all of them"),
        "ps": (".environments.commands", "list the running processes"),
        "logs": (".environments.commands", "show the logs of a shape, or of all running shapes"),
        "wait": (".environments.commands", "wait until a shape is ready"),
        "url": (".environments.commands", "print the address of a running shop"),
        "import": (".environments.commands", "replace a running shop's products with your own"),
        "demo": (".control.command", "start both shapes side by side, with a control room"),
    },
    "run experiments": {
        "run": (".experiments.commands", "run experiments and write a report"),
        "runs": (".experiments.commands", "list the runs under results/"),
        "report": (".experiments.report_commands", "rebuild the report of a run from its data"),
        "compare": (".experiments.report_commands", "compare the figures of two runs"),
        "plan": (".plan.command", "plan the capacity for a load, from a measured run"),
    },
    "measure": {
        "bench": (".bench.command", "measure both shapes side by side"),
        "load": (".load.command", "send an open load to a shop and measure it"),
        "soak": (".soak.command", "watch memory and goodput over a long constant load"),
        "torture": (".torture.command", "inject random faults under load, then check for lost orders"),
        "layers": (".layers.command", "show the layers of the images, and what a change rebuilds"),
        "simulate": (".simulation.command", "check the statistics on simulated data"),
    },
    "learn": {
        "nested": (".nested.command", "run a container in an engine in a virtual machine"),
        "check": (".lessons.command", "show which steps of a lesson are done, wrong or missing"),
    },
    "set up the command": {
        "completion": (".completion", "print the completion script for a shell"),
    },
}
"""By task: each verb's module and purpose. `parser` imports only the module of the verb that was typed."""
COMMANDS: Mapping[str, tuple[str, str]] = {name: each for group in GROUPS.values() for name, each in group.items()}


class Parser(argparse.ArgumentParser):
    """A parser that lists its verbs by task, and suggests the nearest one."""

    def error(self, message: str) -> NoReturn:
        """Say where help is to be found."""
        super().error(f"{message}\nRun `{self.prog} --help`.")


def parser(verbs: Iterable[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser of these verbs. Their modules are imported: `twinshop up` need not wait for a plot library."""
    made = Parser(prog=PROGRAM, description="Run Twinshop in any shape, and measure the difference.")
    added = made.add_subparsers(required=True, metavar="VERB", parser_class=Parser)
    wanted = set(verbs)
    for module in dict.fromkeys(COMMANDS[name][0] for name in COMMANDS if name in wanted):
        import_module(module, __package__).register(added)
    return made


def overview() -> argparse.ArgumentParser:
    """Return a parser that only knows the names of the verbs, for `--help`, `--version` and wrong verbs."""
    from importlib.metadata import version  # noqa: PLC0415 - no verb waits for it

    lines = ["Run Twinshop in any shape, and measure the difference."]
    width = max(map(len, COMMANDS))
    for title, group in GROUPS.items():
        lines += ["", f"{title}:", *(f"  {name:{width}}  {purpose}" for name, (_, purpose) in group.items())]
    made = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} VERB [OPTIONS]",
        description="\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"`{PROGRAM} VERB --help` explains a verb and shows examples.",
    )
    made.add_argument("--version", action="version", version=f"{PROGRAM} {version('twinshop-lab')}")
    made.add_argument("verb", metavar="VERB", type=_verb, help=argparse.SUPPRESS)
    return made


def _verb(given: str) -> str:
    near = difflib.get_close_matches(given, COMMANDS, n=1)
    raise argparse.ArgumentTypeError(f"there is no verb '{given}'" + (f"; did you mean '{near[0]}'?" if near else ""))


def parse(given: Sequence[str]) -> argparse.Namespace:
    """
    Return the arguments of the verb, and the function `run` that carries them out.

    Raises:
        SystemExit: help was printed (0), or the usage is wrong (2).
    """
    return (parser(given[:1]) if given and given[0] in COMMANDS else overview()).parse_args(given)
