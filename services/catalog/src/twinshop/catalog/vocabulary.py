"""
The words of all products, and which of them a word of a search may mean.

A table of keys instead of an extension of the database (`pg_trgm`, `spellfix1`): both databases then mean the same, and
each question is a few look-ups in one index, however many products there are. A word has these keys:

- itself, for searches that hold its beginning;
- its stems, for its other forms;
- its endings, for the parts of compounds (`Pfanne` in `Bratpfanne`) and the middles of words;
- itself with one letter left out, each in turn: two words with a typing error between them share one such key
  (symmetric deletion, W. Garbe, https://github.com/wolfgarbe/SymSpell).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from twinshop.catalog.analysis import ENGLISH, stems
from twinshop.catalog.matching import token
from twinshop.kit.database import Reader

WORD, STEM, ENDING, TYPO = "w", "s", "e", "t"
MIN_PART = 3
"""Letters of a part of a compound, and of what is found within words."""
MIN_MISTYPED = 4
"""Letters of a word in which a typing error is looked for: shorter ones resemble too many others."""
MAX_LETTERS = 40
"""Of a word that is found by more than itself and its beginning."""
MAX_MEANT = 32
"""The most words of the catalogue that one word of a search may mean in one way."""
MAX_CORRECTIONS = 3


def keys(word: str, raw: str, language: str) -> Iterator[tuple[str, str]]:
    """All keys of a word with their kinds; `raw` is the word with its accents."""
    yield WORD, word
    for stem in stems(raw, language):
        yield STEM, stem
    if word.isalpha() and len(word) <= MAX_LETTERS:
        for start in range(1, len(word) - MIN_PART + 1):
            yield ENDING, word[start:]
        if len(word) >= MIN_MISTYPED - 1:
            for shortened in deletions(word):
                yield TYPO, shortened


def deletions(word: str) -> set[str]:
    """The word without one of its letters, each in turn."""
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def one_error(one: str, other: str) -> bool:
    """Whether one letter more, less or other, or two neighbours exchanged, make one word the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    same = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    one, other = one[same:], other[same:]
    if len(one) != len(other):
        return one[1:] == other or one == other[1:]
    return one[1:] == other[1:] or (one[1::-1] + one[2:] == other and len(one) > 1)


@dataclass(slots=True)
class Meaning:
    """Tokens of the catalogue that a word of a search may mean."""

    same: dict[str, None] = field(default_factory=dict)
    """Forms of the word."""
    synonyms: dict[str, None] = field(default_factory=dict)
    """Forms of words that mean the same."""
    begun: dict[str, None] = field(default_factory=dict)
    """Words that begin with it; a token with a star where there are many."""
    compounds: dict[str, None] = field(default_factory=dict)
    """Words whose last part it is."""
    within: dict[str, None] = field(default_factory=dict)
    """Words that hold it anywhere else."""

    @property
    def known(self) -> bool:
        return bool(self.same or self.synonyms or self.begun or self.compounds)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a search: folded, as it is written, and the stems of its synonyms by language."""

    folded: str
    raw: str
    synonyms: tuple[tuple[str, str], ...] = ()


def languages_of(language: str) -> tuple[str, ...]:
    """What is searched for a visitor who reads the language: English, too, in which there is every text."""
    return (ENGLISH,) if language == ENGLISH else (language, ENGLISH)


_BETWEEN = "kind = '{kind}' AND key >= :{low} AND key < :{high} ORDER BY key LIMIT {limit}"
_AMONG = "kind = '{kind}' AND key IN ({among}) LIMIT {limit}"
_LAST = "\U0010ffff"
"""Sorts after every letter."""


class _Lookup:
    """Many look-ups in one statement."""

    def __init__(self) -> None:
        self._selects: list[str] = []
        self._parameters: dict[str, str] = {}

    def beginning(self, place: int, language: str, kind: str, beginning: str, limit: int) -> None:
        low, high = self._bound(beginning), self._bound(beginning + _LAST)
        self._add(place, language, _BETWEEN.format(kind=kind, low=low, high=high, limit=limit))

    def among(self, place: int, language: str, kind: str, wanted: Iterable[str], limit: int) -> None:
        bound = ", ".join(f":{self._bound(key)}" for key in sorted(wanted))
        self._add(place, language, _AMONG.format(kind=kind, among=bound, limit=limit))

    async def rows(self, reader: Reader) -> Sequence[Any]:
        """Each look-up's `place`, and `kind`, `key`, `word` and `language` of what it found."""
        if not self._selects:
            return ()
        return await reader.rows(" UNION ALL ".join(self._selects), self._parameters)

    def _add(self, place: int, language: str, where: str) -> None:
        columns = f"{place} AS place, kind, key, word, language"
        where = f"language = :{self._bound(language)} AND {where}"
        self._selects.append(f"SELECT * FROM (SELECT {columns} FROM catalog_word WHERE {where}) AS found")  # noqa: S608

    def _bound(self, value: str) -> str:
        name = f"v{len(self._parameters)}"
        self._parameters[name] = value
        return name


async def meanings(reader: Reader, words: Sequence[Word], language: str) -> list[Meaning]:
    """Return what each word may mean in a search in this language."""
    lookup = _Lookup()
    for place, word in enumerate(words):
        for spoken in languages_of(language):
            wanted = set(stems(word.raw, spoken)) | {stem for code, stem in word.synonyms if code == spoken}
            lookup.among(place, spoken, STEM, wanted, MAX_MEANT)
            lookup.beginning(place, spoken, WORD, word.folded, MAX_MEANT + 1)
            if len(word.folded) >= MIN_PART and word.folded.isalpha():
                for stem in {*_roots(word, spoken)}:
                    lookup.beginning(place, spoken, ENDING, stem, 2 * MAX_MEANT)
    found = [Meaning() for _ in words]
    begun: dict[tuple[int, str], list[str]] = {}
    for row in await lookup.rows(reader):
        meaning, word = found[row.place], words[row.place]
        tokens = token(row.word, row.language)
        if row.kind == STEM:
            same = row.key in stems(word.raw, row.language)
            (meaning.same if same else meaning.synonyms)[tokens] = None
        elif row.kind == WORD:
            begun.setdefault((row.place, row.language), []).append(tokens)
        elif _is_part(row.key, row.word, word, row.language):
            meaning.compounds[tokens] = None
        elif row.key.startswith(word.folded):
            meaning.within[tokens] = None
    for (place, spoken), tokens_begun in begun.items():
        many = len(tokens_begun) > MAX_MEANT
        found[place].begun.update(dict.fromkeys([token(words[place].folded, spoken) + "*"] if many else tokens_begun))
    return found


def _roots(word: Word, language: str) -> Iterator[str]:
    """What the word's own endings and those of its other forms begin with."""
    yield word.folded
    for stem in stems(word.raw, language):
        if len(stem) >= MIN_PART:
            yield stem


def _is_part(ending: str, whole: str, word: Word, language: str) -> bool:
    """Whether an ending is a form of the word and the rest of the compound could be a word, too."""
    rest = len(whole) - len(ending)
    return rest >= MIN_PART and not stems(ending, language).isdisjoint(stems(word.raw, language))


async def corrections(reader: Reader, words: Sequence[Word], language: str) -> list[list[tuple[str, ...]]]:
    """
    For each word that the catalogue does not know: what was meant, likeliest first, each a word or two.

    A word with one typing error in it; two words written as one; the last part of a compound.
    """
    lookup = _Lookup()
    for place, word in enumerate(words):
        if not word.folded.isalpha() or not MIN_MISTYPED <= len(word.folded) <= MAX_LETTERS:
            continue
        shorter = deletions(word.folded)
        parts = {word.folded[:cut] for cut in range(MIN_PART, len(word.folded) - MIN_PART + 1)}
        parts |= {word.folded[cut:] for cut in range(MIN_PART, len(word.folded) - MIN_PART + 1)}
        for spoken in languages_of(language):
            lookup.among(place, spoken, TYPO, shorter | {word.folded}, 4 * MAX_MEANT)
            lookup.among(place, spoken, WORD, shorter | parts, 4 * MAX_MEANT)
    near: list[set[str]] = [set() for _ in words]
    known: list[set[str]] = [set() for _ in words]
    for row in await lookup.rows(reader):
        if one_error(words[row.place].folded, row.word):
            near[row.place].add(row.word)
        if row.kind == WORD:
            known[row.place].add(row.word)
    return [_likeliest(word.folded, near[place], known[place]) for place, word in enumerate(words)]


def _likeliest(word: str, near: set[str], known: set[str]) -> list[tuple[str, ...]]:
    def unlikeliness(other: str) -> tuple[bool, bool, bool, str]:
        """People seldom mistype the first letter; they exchange letters or miss one more often than they add one."""
        return other[:1] != word[:1], sorted(other) != sorted(word), len(other) < len(word), other

    found: list[tuple[str, ...]] = [(other,) for other in sorted(near, key=unlikeliness)]
    cuts = range(MIN_PART, len(word) - MIN_PART + 1)
    found += [(word[:cut], word[cut:]) for cut in cuts if {word[:cut], word[cut:]} <= known]
    found += [(word[cut:],) for cut in cuts if word[cut:] in known and len(word) - cut > MIN_PART][:1]
    return found[:MAX_CORRECTIONS]
