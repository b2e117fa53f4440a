"""Add a verb to the command line, with what all verbs have: a description, examples that work, and `--json`."""

import argparse
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

PROGRAM = "twinshop"
WIDTH = 100
JSON_HELP = "print the result as JSON; progress goes to standard error"


def verb(
    commands: Any,  # noqa: ANN401 - argparse names this type only in private
    name: str,
    run: Callable[[argparse.Namespace], int],
    description: str,
    examples: Mapping[str, str],
    *,
    details: str = "",
    json: bool = False,
) -> argparse.ArgumentParser:
    """
    Add a verb to the command line.

    Args:
        commands: what `add_subparsers` returned.
        name: the verb.
        run: takes the arguments and returns the exit code.
        description: whole sentences.
        examples: command lines with what each does, the simplest first. A test runs or parses every one.
        details: more text for the end of the help, as it stands.
        json: whether there is a result that a program would read; the verb prints it with `terminal.say_json`.
    """
    width = max(map(len, examples))
    lines = ["examples:", *(f"  {line:{width}}  # {words}" for line, words in examples.items())]
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=description.partition(".")[0],  # completion shows it
        description=textwrap.fill(" ".join(description.split()), WIDTH),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join([*lines, *(["", details] if details else [])]),
    )
    if json:
        command.add_argument("--json", action="store_true", help=JSON_HELP)
    command.set_defaults(run=run, examples=examples, details=details)
    return command
