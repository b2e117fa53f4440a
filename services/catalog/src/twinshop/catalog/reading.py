"""A search text read: into words and phrases, the other ways to read it, and what to ask the search engine."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from twinshop.catalog.analysis import fold, raw_words, stems, words
from twinshop.catalog.matching import CATEGORY, NAME, TEXT, All, Either, Expression, Phrase, Term, plain
from twinshop.catalog.vocabulary import Meaning, Word, corrections, languages_of, meanings
from twinshop.contracts.values import MAX_WORDS
from twinshop.kit.database import Reader

DATA = Path(__file__).parent / "data" / "search.json"
MAX_READINGS = 6
_QUOTED = re.compile(
    '["\u201c\u201d\u201e\u00ab\u00bb]([^"\u201c\u201d\u201e\u00ab\u00bb]*)["\u201c\u201d\u201e\u00ab\u00bb]'
)
EVERYWHERE = NAME + CATEGORY + TEXT

Slot = tuple[Word, ...]
"""One word; several if they must stand one after the other."""
Reading = tuple[Slot, ...]
"""All of its slots must be found."""


@dataclass(frozen=True, slots=True)
class Understood:
    """
    What to ask for a text, tier by tier: each holds the one before, and what an earlier tier finds is shown first.

    `weaker` is to be tried when those find nothing, then `partial` for products that lack one of the words. `single`
    are the words for themselves, each in the name and anywhere, for products that have any of them.
    """

    tiers: tuple[Expression, ...] = ()
    weaker: tuple[Expression, ...] = ()
    partial: tuple[Expression, ...] = ()
    single: tuple[tuple[Expression | None, Expression], ...] = ()
    missing: tuple[str, ...] = ()
    corrected: str = ""


async def understand(reader: Reader, text: str, language: str) -> Understood:
    """Read a text in a language, with the words that the catalogue has."""
    base = _slots(text, language)
    if not base:
        return Understood()
    readings = [base, *_other_readings(base, language)][:MAX_READINGS]
    known = await _lookup(reader, readings, language)
    live = [base] if _live(base, known) else []
    live += [reading for reading in readings[1:] if _live(reading, known) and _written(reading, base, known)]
    if live:
        return _understood(live, known, (), "")
    unknown = [slot[0] for slot in base if len(slot) == 1 and not known[slot[0]].known]
    better = dict(zip(unknown, await corrections(reader, unknown, language), strict=True))
    corrected = [
        tuple(part for slot in base for part in _replaced(slot, better, choice))
        for choice in range(max((len(found) for found in better.values()), default=0))
    ]
    known |= await _lookup(reader, corrected, language)
    missing = tuple(slot[0].raw for slot in base if not _findable(slot, known) and not better.get(slot[0]))
    kept = [tuple(slot for slot in reading if _findable(slot, known)) for reading in corrected or [base]]
    kept = [reading for reading in dict.fromkeys(kept) if reading]
    said = " ".join(word.raw for slot in corrected[0] for word in slot) if corrected and kept else ""
    return _understood(kept, known, missing, said)


def _live(reading: Reading, known: Mapping[Word, Meaning]) -> bool:
    return all(known[word].known for slot in reading for word in slot)


def _written(reading: Reading, base: Reading, known: Mapping[Word, Meaning]) -> bool:
    """Whether words joined for this reading are in the catalogue as they are, but for their endings."""
    joined = {slot[0] for slot in reading if len(slot) == 1} - {slot[0] for slot in base}
    return all(
        any(plain(token).startswith(word.folded[:-2]) for token in (*known[word].same, *known[word].begun))
        for word in joined
    )


def _findable(slot: Slot, known: Mapping[Word, Meaning]) -> bool:
    return all(known[word].known or known[word].within for word in slot)


def _replaced(slot: Slot, better: Mapping[Word, Sequence[tuple[str, ...]]], choice: int) -> Iterator[Slot]:
    found = better.get(slot[0]) if len(slot) == 1 else None
    if not found:
        yield slot
    else:
        yield tuple(Word(part, part) for part in found[min(choice, len(found) - 1)])


async def _lookup(reader: Reader, readings: Iterable[Reading], language: str) -> dict[Word, Meaning]:
    distinct = list(dict.fromkeys(word for reading in readings for slot in reading for word in slot))
    return dict(zip(distinct, await meanings(reader, distinct, language), strict=True))


def _slots(text: str, language: str) -> Reading:
    """The phrases in quotation marks and the words outside them; words that say nothing only if there are no others."""
    slots: list[Slot] = []
    rest = 0
    for quoted in _QUOTED.finditer(text):
        slots += [(word,) for word in _read(text[rest : quoted.start()], language)]
        if phrase := tuple(_read(quoted[1], language)):
            slots.append(phrase)
        rest = quoted.end()
    slots += [(word,) for word in _read(text[rest:], language)]
    slots = list(dict.fromkeys(slots))
    telling = [slot for slot in slots if len(slot) > 1 or slot[0].folded not in _stop_words(language)]
    return tuple(telling or slots)[:MAX_WORDS]


def _read(text: str, language: str) -> list[Word]:
    return [Word(folded, raw, _single_synonyms(raw, language)) for raw in raw_words(text) if (folded := fold(raw))]


def _other_readings(base: Reading, language: str) -> Iterator[Reading]:
    """Neighbours written as one word (`head phones`), and words for which there is a synonym of several."""
    for place, (one, other) in enumerate(pairwise(base)):
        if len(one) == len(other) == 1:
            for joined in _read(one[0].raw + other[0].raw, language):
                yield (*base[:place], (joined,), *base[place + 2 :])
    for place, slot in enumerate(base):
        for phrase in _phrase_synonyms(slot[0].raw, language) if len(slot) == 1 else ():
            yield (*base[:place], tuple(_read(phrase, language)), *base[place + 1 :])


def _understood(
    readings: Sequence[Reading], known: Mapping[Word, Meaning], missing: tuple[str, ...], corrected: str
) -> Understood:
    if not readings:
        return Understood(missing=missing, corrected=corrected)

    def tier(of: "_Tier", wanted: Sequence[Reading] = readings) -> Expression | None:
        found = [_every(reading, known, of) for reading in wanted]
        kept = tuple(expression for expression in found if expression is not None)
        return None if not kept else kept[0] if len(kept) == 1 else Either(kept)

    loose = [tuple((word,) for slot in reading for word in slot) for reading in readings]
    shorter = [each for reading in loose for each in _without_one(reading)]
    words_alone = dict.fromkeys((slot,) for reading in loose for slot in reading)
    single = ((_every(alone, known, _STRONG[0]), _every(alone, known, _ANYWHERE)) for alone in words_alone)
    return Understood(
        _tiers(tier(of) for of in _STRONG),
        _tiers([tier(_ANYWHERE)]),
        _tiers([tier(_ANYWHERE, [each for each in loose if each not in readings]), tier(_STRONG[-1], shorter)]),
        tuple((named, found) for named, found in single if found is not None),
        missing,
        corrected,
    )


def _without_one(reading: Reading) -> list[Reading]:
    return [(*reading[:place], *reading[place + 1 :]) for place in range(len(reading))] if len(reading) > 2 else []  # noqa: PLR2004


def _tiers(tiers: Iterable[Expression | None]) -> tuple[Expression, ...]:
    return tuple(dict.fromkeys(tier for tier in tiers if tier is not None))


@dataclass(frozen=True, slots=True)
class _Tier:
    """In which fields a word must be found, by how it is found; an empty string: so it does not count."""

    same: str
    begun: str = ""
    synonyms: str = ""
    compounds: str = ""
    german: str = ""
    """Compounds of the language that makes them of any words; elsewhere `textured` only looks like one of `red`."""
    within: str = ""


_TITLE = NAME + CATEGORY
_STRONG = (
    _Tier(NAME),
    _Tier(NAME, begun=NAME),
    _Tier(NAME, begun=NAME, synonyms=NAME, compounds=NAME),
    _Tier(_TITLE, begun=_TITLE, synonyms=_TITLE, compounds=_TITLE),
    _Tier(EVERYWHERE, begun=_TITLE, synonyms=EVERYWHERE, compounds=_TITLE, german=EVERYWHERE),
)
_ANYWHERE = _Tier(**dict.fromkeys(("same", "begun", "synonyms", "compounds", "german", "within"), EVERYWHERE))


def _every(reading: Reading, known: Mapping[Word, Meaning], tier: _Tier) -> Expression | None:
    """All slots of a reading; None if one of them cannot be found so."""
    parts = []
    for slot in reading:
        if len(slot) > 1:
            same = tuple(tuple(known[word].same) for word in slot)
            part: Expression | None = Phrase(same, tier.same) if all(same) else None
        else:
            part = _word(known[slot[0]], tier)
        if part is None:
            return None
        parts.append(part)
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _word(meaning: Meaning, tier: _Tier) -> Expression | None:
    fields: dict[str, dict[str, None]] = {}
    for tokens, where in (
        (meaning.same, tier.same),
        (meaning.begun, tier.begun),
        (meaning.synonyms, tier.synonyms),
        (meaning.compounds, tier.compounds),
        ([token for token in meaning.compounds if token.startswith("de:")], tier.german),
        (meaning.within, tier.within),
    ):
        if where and tokens:
            fields.setdefault(where, {}).update(dict.fromkeys(tokens))
    terms = tuple(Term(tuple(tokens), where) for where, tokens in fields.items())
    return None if not terms else terms[0] if len(terms) == 1 else Either(terms)


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, Any]]:
    content = json.loads(DATA.read_bytes())
    assert isinstance(content, dict)
    return content


@lru_cache(maxsize=8)
def _stop_words(language: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _data()["stop_words"].get(language, "").split())


@lru_cache(maxsize=8)
def _groups(language: str) -> Mapping[str, tuple[str, ...]]:
    """The synonyms of each stem."""
    found: dict[str, tuple[str, ...]] = {}
    for group in _data()["synonyms"].get(language, []):
        for one in group:
            if len(words(one)) == 1:
                for stem in stems(one.lower(), language):
                    found[stem] = (*found.get(stem, ()), *(other for other in group if other != one))
    return found


@lru_cache(maxsize=10_000)
def _single_synonyms(raw: str, language: str) -> tuple[tuple[str, str], ...]:
    """The stems of the synonyms that are one word, with their languages."""
    return tuple(
        (code, stem)
        for code in languages_of(language)
        for other in _synonyms(raw, code)
        if len(words(other)) == 1
        for stem in sorted(stems(other.lower(), code))
    )


def _phrase_synonyms(raw: str, language: str) -> list[str]:
    return [other for code in languages_of(language) for other in _synonyms(raw, code) if len(words(other)) > 1]


def _synonyms(raw: str, language: str) -> dict[str, None]:
    groups = _groups(language)
    return dict.fromkeys(other for stem in sorted(stems(raw, language)) for other in groups.get(stem, ()))
