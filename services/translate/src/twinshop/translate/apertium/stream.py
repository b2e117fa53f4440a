"""
Texts in the form that Apertium's programs read, and back.

In their stream some characters have a meaning, a stray one ends a program (`*` before a word does), and others never
come out as they went in. So only words, spaces and plain punctuation go through. Everything else, from a line break to
an HTML tag or an emoji, stays here: a numbered blank `[1]` stands for it, which the programs carry along.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

from twinshop.translate.kept import KEPT
from twinshop.translate.pieces import split

_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"  # the dictionaries know only the typewriter's
_PLAIN = frozenset(" .,;:!?¡¿'\"()-%" + _APOSTROPHE)
_PARAGRAPHS = re.compile(r"(\s*\n\s*\n\s*)")
_TOKEN = re.compile(
    r"\\(?P<escaped>.)"
    r"|\[(?P<blank>\d*)\]"
    r"|[*@#](?=\w)"  # marks of words that the dictionaries do not hold; none of these characters was in the text
    r"|(?P<reserved>[\[\]{}^$<>\\])"
    r"|(?P<text>[^\\\[\]{}^$<>*@#]+|[*@#])",
    re.DOTALL,
)
_SPACES = re.compile(" {2,}")
_END = "[]"
"""Without a blank at the end some programs never answer."""


class Document:
    """
    One text on its way through a pipeline: `pieces` go in, `join` makes the translation of what comes out.

    A piece is a paragraph. Grammar may move a blank, or lose it; then `join` refuses, and the same text `in_fragments`
    has nothing to lose, as each fragment between two blanks is a piece of its own.
    """

    def __init__(self, text: str, *, in_fragments: bool = False) -> None:
        self._frame: list[_Piece | str] = []
        for number, part in enumerate(_PARAGRAPHS.split(unicodedata.normalize("NFC", text))):
            tokens = [(True, part)] if number % 2 else list(_tokens(part))
            for group in ([token] for token in tokens) if in_fragments else [tokens]:
                has_words = any(not kept and any(map(str.isalpha, token)) for kept, token in group)
                self._frame.append(_Piece(group) if has_words else "".join(token for _, token in group))

    @property
    def pieces(self) -> list[str]:
        return [part.stream for part in self._frame if isinstance(part, _Piece)]

    def join(self, answers: Sequence[str]) -> str | None:
        """The translation; None if the answers are not what the pieces must become."""
        rest = iter(answers)
        parts = [part.translated(next(rest)) if isinstance(part, _Piece) else part for part in self._frame]
        whole = [part for part in parts if part is not None]
        return "".join(whole) if len(whole) == len(parts) else None


class _Piece:
    def __init__(self, tokens: Sequence[tuple[bool, str]]) -> None:
        self._blanks = [token for kept, token in tokens if kept]
        numbers = iter(range(len(self._blanks)))
        marked = "".join(f"[{next(numbers)}]" if kept else token.replace(_APOSTROPHE, "'") for kept, token in tokens)
        core = marked.strip(" ")
        self._lead, _, self._trail = marked.partition(core)
        self._stop = "" if core[-1] in ".!?" else "."
        self._capital = next(char for kept, token in tokens if not kept for char in token if char.isalpha()).isupper()
        self.stream = core + self._stop + _END

    def translated(self, answer: str) -> str | None:
        body = answer.rstrip()
        if not body.endswith(_END):
            return None
        body = body.removesuffix(_END).rstrip().removesuffix(self._stop).strip(" ")
        if "  " not in self.stream:
            body = _SPACES.sub(" ", body)
        parts: list[str] = []
        seen = 0
        capital = self._capital
        for token in _TOKEN.finditer(body):
            if token["reserved"] is not None or (token["blank"] is not None and token["blank"] != str(seen)):
                return None
            if token["blank"] is not None:
                parts.append(self._blanks[seen])
                seen += 1
                continue
            text = token["escaped"] or token["text"] or ""
            if capital and (first := next(filter(str.isalpha, text), None)) is not None:
                # Where grammar drops the first word (`I like` is `me gusta`), the capital went with it.
                text = text.replace(first, first.upper(), 1)
                capital = False
            parts.append(text)
        if seen < len(self._blanks):
            return None
        return f"{self._lead}{''.join(parts)}{self._trail}"


def _tokens(text: str) -> Iterator[tuple[bool, str]]:
    """The text in turns of what stays here (True) and what is translated."""
    turns: list[tuple[bool, str]] = []
    for kept, piece in split(KEPT, text):
        turns += [(True, piece)] if kept else _by_character(piece)
    for stays, group in groupby(turns, key=lambda turn: turn[0]):
        yield stays, "".join(token for _, token in group)


def _by_character(text: str) -> Iterator[tuple[bool, str]]:
    stays = True
    for char in text:
        kind = unicodedata.category(char)[0]
        if kind != "M":  # a combining mark stays with its character
            stays = kind not in "LN" and char not in _PLAIN
        yield stays, char
