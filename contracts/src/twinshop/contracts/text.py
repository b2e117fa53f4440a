"""
What people type, made fit to be stored, printed on a label and compared: one rule for every field, form and API.

`Line` is one line of text that somebody can read: composed (NFC), with single spaces, and without what Unicode makes
invisible. `printable` is the same where nothing is refused: for a search, and to show a refused text again.
"""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

UNPRINTABLE = "unprintable"
"""The type of the validation error for a character that no label can show."""

_MEANINGLESS = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff]")
"""Invisible, and without meaning in a field of its own: they come along when text is copied, so they are left out."""
_JOINERS = re.compile("[\u200c\u200d]+")
_JOINING_SCRIPTS = "\u0600"
"""Arabic, Syriac and the Indic scripts, whose words are spelt with joiners, come from here on; Latin comes before."""
_LOST = "\ufffc\ufffd"
"""What stands where a character was lost."""
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"
"""The Hangul fillers: letters by their category, drawn as nothing (Default_Ignorable_Code_Point)."""
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
"""Controls, and the separators of lines and paragraphs."""
_REFUSED = _BREAKS | {"Cf", "Co", "Cs"}
"""Those, formats such as direction overrides, private use, surrogates; not `Cn`: it depends on Python's Unicode."""


def printable(text: str) -> str:
    """Return the text as one line, without the characters that a `Line` rejects."""
    spaced = "".join(" " if unicodedata.category(char) in _BREAKS else char for char in text)
    return _tidy("".join(char for char in _tidy(spaced) if not _unprintable(char)))


def _tidy(text: str) -> str:
    """Return the text composed (NFC), without meaningless characters, with every run of spaces as a single space."""
    joined = _JOINERS.sub(_joiner, _MEANINGLESS.sub("", text))
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in joined)
    return re.sub(" +", " ", unicodedata.normalize("NFC", spaced)).strip(" ")


def _joiner(run: re.Match[str]) -> str:
    """ZWNJ and ZWJ stay within a word of a script that is spelt with them, once; anywhere else they mean nothing."""
    before, after = run.string[run.start() - 1 : run.start()], run.string[run.end() : run.end() + 1]
    within = (
        before >= _JOINING_SCRIPTS and after != "" and {unicodedata.category(c)[0] for c in before + after} <= {*"LM"}
    )
    return run[0][0] if within else ""


def _unprintable(char: str) -> bool:
    if char in "\u200c\u200d":  # `_tidy` has left those that mean something
        return False
    return unicodedata.category(char) in _REFUSED or char in _LOST or char in _BLANK_LETTERS


def _line(value: object) -> object:
    """Return values that are not text unchanged: the type of the field validates them."""
    if not isinstance(value, str):
        return value
    tidy = _tidy(value)
    if any(_unprintable(char) for char in tidy):
        raise PydanticCustomError(UNPRINTABLE, "The text must not hold characters that cannot be printed on one line.")
    if not any(unicodedata.category(char)[0] in "LN" for char in tidy):
        raise PydanticCustomError("blank", "The text must hold a letter or a digit.")
    return tidy


Line = Annotated[str, BeforeValidator(_line)]
"""One line with a letter or a digit in it. Lengths in further `StringConstraints` count what is stored."""

_LABEL = re.compile(r"[^\W_]([\w-]*[^\W_])?")
"""Of a domain; international ones may hold any letter (RFC 5890)."""


def _address(text: str) -> str:
    """An e-mail address that is valid as far as can be told without sending mail (RFC 5321, RFC 6531)."""
    local, _, domain = text.rpartition("@")
    labels = domain.split(".")
    fits = len(labels) > 1 and all(_LABEL.fullmatch(label) and "_" not in label for label in labels)
    if not fits or " " in text or "@" in local or not any(char.isalnum() for char in local):
        raise PydanticCustomError("email", "The text must be an e-mail address.")
    return text


Email = Annotated[Line, StringConstraints(max_length=254), AfterValidator(_address)]
