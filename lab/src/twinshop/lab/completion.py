"""The verb `twinshop completion`."""

import argparse
from typing import Any

from twinshop.lab.arguments import PROGRAM, verb
from twinshop.lab.command_line import parser
from twinshop.lab.terminal import say

SHELLS = ("bash", "zsh", "fish")
DETAILS = f"""to keep it, in the file that the shell reads when it starts:
  bash  eval "$({PROGRAM} completion bash)"
  zsh   eval "$({PROGRAM} completion zsh)"
  fish  {PROGRAM} completion fish | source"""


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    """Add the verb to the command line."""
    completion = verb(
        commands,
        "completion",
        _completion,
        "Print a script with which the shell completes verbs and options.",
        {f"{PROGRAM} completion {shell}": f"for {shell}" for shell in SHELLS},
        details=DETAILS,
    )
    completion.add_argument("shell", choices=SHELLS, help="the shell to complete in")


def _completion(arguments: argparse.Namespace) -> int:
    import shtab  # noqa: PLC0415 - writes all three dialects; not one of them is ours to keep right

    say(shtab.complete(parser(), arguments.shell))
    return 0
