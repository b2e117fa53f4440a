"""Run another program to its end, and show the last of what it said."""

import re
import subprocess
from collections.abc import Sequence
from typing import Any

TAIL = 25
LONGEST = 400
"""Characters of a line that is shown: a traceback in a structured log is one line of many kilobytes."""


def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 - passed on
    return subprocess.run(  # noqa: S603 - our own commands
        command, capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL, **options
    )


def tail(text: str) -> str:
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)  # Compose moves the cursor even if it was told not to
    return "\n".join(f"    {_both_ends(line)}" for line in plain.rstrip().splitlines()[-TAIL:])


def _both_ends(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} … {line[-LONGEST // 2 :]}"
