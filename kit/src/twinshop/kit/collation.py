"""
The order in which people look for names in their language.

The Unicode Collation Algorithm with CLDR's root order, which is that of English, French and German, and two tailorings:
Spanish `ñ` is a letter of its own after `n`, and the dot of Catalan `l·l` does not count. A test holds it against the
browser's `Intl.Collator`.
"""

import unicodedata
from collections.abc import Iterable, Mapping

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
    """The place of each name in the language's order; those that it does not tell apart are in that of their code."""
    tailored = _TAILORED.get(language, {})
    keys = {name: unicodedata.normalize("NFC", name).translate(tailored).translate(_COUNTED) for name in names}
    rank = {key: place for place, key in enumerate(collate(sorted(set(keys.values())), "default"))}
    return {name: place for place, name in enumerate(sorted(keys, key=lambda name: (rank[keys[name]], name)))}
