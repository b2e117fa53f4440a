"""
The words of the interface in each language: gettext catalogues, `locale/<language>/LC_MESSAGES/storefront.po`.

They are part of the storefront, so they are available whatever else is down. Only texts that are data (products,
categories) go to the translator. `scripts/messages.py` compiles them, and a test compares the result with the sources.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from pathlib import Path

from twinshop.storefront.languages import SOURCE

LOCALE = Path(str(files("twinshop.storefront"))) / "locale"


@dataclass(frozen=True, slots=True)
class Interface:
    """
    The interface in one language; what it has no translation of stays English.

    Attributes:
        language: its code.
        say: the translation of an English text.
        count: that of the singular or the plural of a text, whichever suits the number.
    """

    language: str
    say: Callable[[str], str]
    count: Callable[[str, str, int], str]


@cache
def interface(language: str) -> Interface:
    """Return the interface in a language of the shop; read once."""
    found = NullTranslations()
    if language != SOURCE:
        with (LOCALE / language / "LC_MESSAGES" / "storefront.mo").open("rb") as file:
            found = GNUTranslations(file)
    return Interface(language, found.gettext, found.ngettext)
