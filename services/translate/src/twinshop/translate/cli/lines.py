"""A whole text, however long, in portions that a translator takes."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from twinshop.contracts.translate import MAX_TEXT_LENGTH, LanguagePair, Translation, TranslationRequest
from twinshop.translate.cli.remote import Portions

PORTION_LINES = 200
PORTION_CHARACTERS = 20_000
"""Well below the size of body that a service takes, whatever the characters are."""

_MARK = re.compile("^\ufeff+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A translated text, and how many of its lines came from where."""

    text: str
    origins: Counter[str] = field(default_factory=Counter)

    @property
    def untranslated(self) -> int:
        return self.origins["none"]


async def translate_text(translator: Portions, text: str, source: str, target: str) -> Outcome:
    """Line by line: the memory holds single texts, and a line that fails costs no other."""
    parts: list[str] = []
    origins: Counter[str] = Counter()
    for texts in _portions(text):
        request = TranslationRequest(texts=tuple(texts), source=source, target=target)
        for translation in await translator.translate_many(request):
            parts.append(translation.text)
            origins[_origin(translation)] += 1
    return Outcome("".join(parts), origins)


def without_marks(text: str) -> str:
    """
    Return the text without byte order marks.

    Editors of Windows put one before the first line, and files put together have one in between: it is invisible, and
    the memory would not know the line.
    """
    return _MARK.sub("", text)


def table(pairs: Sequence[LanguagePair]) -> str:
    """The pairs, one a line."""
    return "".join(f"{pair.source} -> {pair.target}  {pair.engine or 'memory only'}\n" for pair in pairs)


def _origin(translation: Translation) -> str:
    return translation.engine or translation.origin


def _portions(text: str) -> Iterator[list[str]]:
    portion: list[str] = []
    size = 0
    for line in _lines(text):
        if portion and (len(portion) == PORTION_LINES or size + len(line) > PORTION_CHARACTERS):
            yield portion
            portion, size = [], 0
        portion.append(line)
        size += len(line)
    if portion or not text:  # the languages of an empty text are checked, too
        yield portion


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends, longer ones cut behind a sentence, else a space."""
    for line in text.splitlines(keepends=True):
        rest = line
        while len(rest) > MAX_TEXT_LENGTH:
            cut = rest.rfind(". ", 0, MAX_TEXT_LENGTH) + 1 or rest.rfind(" ", 1, MAX_TEXT_LENGTH)
            cut = cut if cut > 0 else MAX_TEXT_LENGTH
            yield rest[:cut]
            rest = rest[cut:]
        yield rest
