"""A lesson as a program: its shell blocks in order, and what each is said to print."""

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """Commands, and the output below them; None where the lesson shows none."""

    commands: str
    output: str | None


def blocks(lesson: Path) -> list[Block]:
    found: list[Block] = []
    for kind, text in FENCE.findall(lesson.read_text(encoding="utf-8")):
        if kind == "sh":
            found.append(Block(text, None))
        else:
            found[-1] = Block(found[-1].commands, text)
    return found


def needs_docker(lesson: Path) -> bool:
    return "\nNeeds: Docker\n" in lesson.read_text(encoding="utf-8")


def as_script(parts: list[Block], mark: str) -> str:
    """One script, since variables and functions of a block are used in the next; `mark` is printed after each block."""
    return "set -euo pipefail\n" + "".join(f"{part.commands}\necho; echo '{mark}'\n" for part in parts)


def matches(expected: str, printed: str) -> bool:
    """Line by line; `…` stands for anything within a line, and for any lines where it is alone."""
    pattern = ""
    for line in expected.strip().splitlines():
        text = line.strip()
        if text == "…":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(piece) for piece in text.split("…")) + r"\n"
    lines = "".join(line.strip() + "\n" for line in printed.strip().splitlines())
    return re.fullmatch(pattern, lines) is not None
