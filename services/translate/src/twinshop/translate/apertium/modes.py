"""Mode files: each is a shell pipeline that translates one language into another."""

import logging
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from twinshop.translate.apertium import languages
from twinshop.translate.engine import Pair

log = logging.getLogger(__name__)

_PLAIN_NAME = re.compile(r"([a-z]{2,3})-([a-z]{2,3})")
"""Of a main mode; a variant such as `spa-cat_valencia` is not what a reader of plain Catalan expects."""
_ARGUMENTS = {"$1": ["-n"], "$2": []}
"""What `apertium -u` puts in: no marks on unknown words; nothing for the tagger."""
_FLUSHES_ANYWAY = frozenset({"vislcg3", "cg-mwesplit", "hfst-tokenise", "hfst-tokenize", "divvun-suggest"})
"""Programs that answer at each NUL without being told so; they do not know the option `-z`."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A pipeline that can be started: the command line of each program."""

    name: str
    stages: tuple[tuple[str, ...], ...]


def discover(folder: Path) -> dict[Pair, Mode]:
    """The modes in a folder whose programs are installed; nothing where Apertium is not."""
    found: dict[Pair, Mode] = {}
    for path in sorted(folder.glob("*.mode")):
        name = _PLAIN_NAME.fullmatch(path.stem)
        source, target = (languages.short(code) for code in name.groups()) if name else (None, None)
        if source is None or target is None or source == target:
            continue
        try:
            found[source, target] = Mode(path.stem, parse(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            log.warning("Apertium mode %s is left out: %s", path, error)
    return found


def parse(text: str) -> tuple[tuple[str, ...], ...]:
    """
    The stages of a mode file, each told to answer at a NUL.

    Raises ValueError for what cannot be run here. No shell takes part: it would only be one more process to lose.
    """
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    stages: list[list[str]] = [[]]
    for word in lexer:
        if word == "|":
            stages.append([])
        elif set(word) <= set("|&;<>()") or ("$" in word and word not in _ARGUMENTS):
            raise ValueError(f"it needs a shell for {word!r}")
        else:
            stages[-1] += _ARGUMENTS.get(word, [word])
    return tuple(_stage(words) for words in stages)


def _stage(words: list[str]) -> tuple[str, ...]:
    if not words:
        raise ValueError("a stage of the pipeline is empty")
    program, *rest = words
    path = shutil.which(program)
    if path is None:
        raise ValueError(f"{program} is not installed")
    flush = [] if Path(program).name in _FLUSHES_ANYWAY else ["-z"]
    return (path, *flush, *rest)
