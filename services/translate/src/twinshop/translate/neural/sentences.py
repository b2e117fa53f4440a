"""
Texts in the pieces that a model takes: a sentence at a time.

Models are trained on single sentences; of a longer text they lose parts. What must stay as it is (tags, addresses,
places for values, line breaks) never reaches the model.
"""

import re
from collections.abc import Sequence

from twinshop.translate.kept import KEPT
from twinshop.translate.pieces import split

_BREAKS = re.compile(
    r"\s*\n\s*"
    r"|(?<=[.!?…])[\"')\]»\u201d\u2019]*\s+"  # a sentence ends: perhaps a quotation, white space,
    r"(?=[\"'(\[«\u201c\u2018¿¡]*[A-ZÀ-ÖØ-Þ0-9])"  # and a capital
)


class Sentences:
    """One text: `parts` go to the model, `join` makes the translation of what it answers."""

    def __init__(self, text: str) -> None:
        self._frame: list[tuple[bool, str]] = []
        for kept, piece in split(KEPT, text):
            if kept:
                self._frame.append((False, piece))
            else:
                self._add(piece)

    @property
    def parts(self) -> list[str]:
        return [part for translated, part in self._frame if translated]

    def join(self, answers: Sequence[str]) -> str:
        rest = iter(answers)
        return "".join(next(rest) if translated else part for translated, part in self._frame)

    def _add(self, text: str) -> None:
        for gap, piece in split(_BREAKS, text):
            if gap:
                self._frame.append((False, piece))
            else:
                self._add_sentence(piece)

    def _add_sentence(self, text: str) -> None:
        core = text.strip()
        if not any(map(str.isalpha, core)):
            self._frame.append((False, text))
            return
        lead, _, trail = text.partition(core)
        self._frame += [(False, lead), (True, core), (False, trail)]
