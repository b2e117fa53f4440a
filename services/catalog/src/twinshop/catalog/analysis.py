"""
Texts taken apart into the words that searches compare: the same way for what is stored and for what is looked for.

A word is a run of letters and digits without case and accents. It is found by any of its stems (Snowball's stemmers),
so that `Gitarren` finds `Gitarre`.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from Stemmer import Stemmer  # type: ignore[import-not-found] # it has no type stubs

ENGLISH = "en"
_STEMMERS = {"en": "english", "es": "spanish", "ca": "catalan", "fr": "french", "de": "german"}
LANGUAGES = tuple(_STEMMERS)
"""The languages with a stemmer; texts in English are searched whatever the language."""

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
"""What Unicode does not take apart, but people type as plain letters."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_MIDDLE_DOT = re.compile("(?<=l)[·•.\u2027](?=l)", re.IGNORECASE)
"""Of Catalan: `col·lecció` is one word, also as `col.lecció`."""
_POSSESSIVE = re.compile(r"['\u2019]s\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_ASCII_WORD = re.compile("[a-z0-9]+")
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_SHORTEST_PLURAL = 4
"""Letters: `gas` is no plural."""


def fold(text: str) -> str:
    """The text without case and accents: `Sauté` and `SAUTE` become the same, `Straße` and `strasse`."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).translate(_LETTERS)


def raw_words(text: str) -> list[str]:
    """The words as they are written, in lower case: stemmers need the accents."""
    if text.isascii():  # most texts, in a fifth of the time
        plain = text.lower()
        if "l.l" in plain:
            plain = _MIDDLE_DOT.sub("", plain)
        return _ASCII_WORD.findall(_POSSESSIVE.sub("", plain) if "'s" in plain else plain)
    visible = _POSSESSIVE.sub("", _MIDDLE_DOT.sub("", _INVISIBLE.sub("", text)))
    return _WORD.findall(unicodedata.normalize("NFKC", visible).lower())


def words(text: str) -> list[str]:
    """The words of a text in their order, folded."""
    return [folded for word in raw_words(text) if (folded := fold(word))]


@lru_cache(maxsize=200_000)
def stems(word: str, language: str) -> frozenset[str]:
    """
    The stems that a word, written in lower case, may be found by.

    Several, because people leave accents out, on which the stemmers rely, and because some plurals escape them
    (French `stylos`, Spanish `lápices`). Two words are forms of one if they share a stem.
    """
    folded = fold(word)
    if not word.isalpha() or language not in _STEMMERS:
        return frozenset({folded})
    return frozenset(fold(stem) for stem in _stemmer(language).stemWords([*_forms(word, folded, language)]))


def _forms(word: str, folded: str, language: str) -> Iterator[str]:
    """The word with and without accents, and what it may be the plural of."""
    for form in dict.fromkeys((word, folded)):
        yield form
        if language == "de":
            yield form.translate(_SPELT_OUT)
        elif len(form) >= _SHORTEST_PLURAL:
            if form.endswith("s") or (language == "fr" and form.endswith("x")):
                yield form[:-1]
            if language == "es" and form.endswith("es"):
                yield form[:-2]
            if language == "ca" and form.endswith("es"):
                yield form[:-2] + "a"
            if language == "es" and form.endswith("ces"):
                yield form[:-3] + "z"


@lru_cache(maxsize=len(_STEMMERS))
def _stemmer(language: str) -> Stemmer:
    return Stemmer(_STEMMERS[language])
