"""
Sort names as speakers of each language expect.

The Unicode Collation Algorithm with CLDR's root order, which is that of English, French and German, and two tailorings:
Spanish `ñ` is a letter of its own after `n`, and the dot of Catalan `l·l` does not count. A test holds it against the
browser's `Intl.Collator`.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from feruca import collate

_LOWEST, _HIGHEST = "\ufffe", "\uffff"
"""Sort before and after everything else (UTS 35, part 5, section 1.6)."""
_PUNCTUATION = "_-\u2013,;:!\u00a1?\u00bf.\u00b7'\u2018\u2019\"\u201c\u201d\u00ab\u00bb()/&"
_SYMBOLS = "`\u00b4^\u00af\u02d8\u02d9\u00a8\u00b8\u02db°©®+±÷\u00d7<=>¬|¦~\u00a4"
"""As many, in their order, and before the digits."""
_COUNTED = str.maketrans(
    {" ": 2 * _LOWEST, **{sign: _LOWEST + symbol for sign, symbol in zip(_PUNCTUATION, _SYMBOLS, strict=True)}}
)
"""The library passes over spaces and punctuation. They count here, as in CLDR: `tea towel` comes before `teapot`."""
_TAILORED: Mapping[str, Mapping[int, str]] = {
    "es": str.maketrans({"ñ": f"n{_HIGHEST}", "Ñ": f"N{_HIGHEST}"}),
    "ca": {0xB7: ""},
}


def places(names: Iterable[str], language: str) -> dict[str, int]:
    """Return the position of each name in the order of the language; names that compare equal keep code-point order."""
    return places_by_language({language: [*names]})[language]


def places_by_language(names: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    """
    The places of each language's names, at hardly more than the cost of one language.

    Comparing is most of the work, so all names are sorted at once. Their places tell the order in a language, but are
    not numbered without gaps.
    """
    plain = {name: _key(name, {}) for name in set().union(*names.values())}
    special = {
        (language, name): _key(name, _TAILORED[language])
        for language in names.keys() & _TAILORED.keys()
        for name in names[language]
        if not name.isascii()
    }
    keys = {*((key, name) for name, key in plain.items()), *((key, name) for (_, name), key in special.items())}
    rank = {key: place for place, key in enumerate(collate(sorted({key for key, _ in keys}), "default"))}
    place = {pair: at for at, pair in enumerate(sorted(keys, key=lambda pair: (rank[pair[0]], pair[1])))}
    places = {name: place[key, name] for name, key in plain.items()}
    return {
        language: places | {name: place[key, name] for (spoken, name), key in special.items() if spoken == language}
        for language in names
    }


def _key(name: str, tailored: Mapping[int, str]) -> str:
    composed = name if name.isascii() else unicodedata.normalize("NFC", name).translate(tailored)
    return composed.translate(_COUNTED)
