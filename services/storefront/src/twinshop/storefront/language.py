"""In which words: the languages of the shop, which one a request wants, and the translation of what it shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fastapi import Request

from twinshop.contracts.errors import ShopError, UnknownLanguage
from twinshop.contracts.translate import MAX_TEXT_LENGTH, MAX_TEXTS, Translation, TranslationRequest, Translator
from twinshop.contracts.values import Money

SOURCE = "en"
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "es": "Español",
    "ca": "Català",
    "fr": "Français",
    "de": "Deutsch",
}
COOKIE = "twinshop_language"


def wanted(request: Request) -> str:
    """
    The language of a page: `?lang=`, else the picker's cookie, else what the browser prefers, else English.

    Raises UnknownLanguage for a `?lang=` that the shop does not speak; cookies and browsers are not argued with.
    """
    asked = request.query_params.get("lang")
    if asked is not None:
        return known(asked)
    chosen = request.cookies.get(COOKIE)
    if chosen is not None and chosen in LANGUAGES:
        return chosen
    return preferred(request.headers.get("accept-language", "")) or SOURCE


def preferred(header: str) -> str | None:
    """What an Accept-Language (RFC 9110, section 12.5.4) likes best of what the shop speaks; None if nothing."""
    best, most = None, 0.0
    for preference in header.split(","):
        tag, _, parameter = preference.partition(";")
        code = tag.strip().partition("-")[0].lower()
        quality = _quality(parameter)
        if code in LANGUAGES and quality > most:
            best, most = code, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.lower() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0


def known(code: str) -> str:
    """The code itself; raises UnknownLanguage."""
    if code not in LANGUAGES:
        raise UnknownLanguage(f"The shop speaks {', '.join(LANGUAGES)}.", languages=list(LANGUAGES))
    return code


@dataclass(frozen=True, slots=True)
class Words:
    """English texts in the language of a page. Calling it translates; what it does not know stays English."""

    language: str
    found: Mapping[str, Translation] = field(default_factory=dict)
    available: bool = True

    def __call__(self, text: str) -> str:
        translation = self.found.get(text)
        return text if translation is None else translation.text

    def engine(self, text: str) -> str | None:
        """The machine that translated a text; None where a person did, or nobody."""
        translation = self.found.get(text)
        return None if translation is None else translation.engine

    @property
    def complete(self) -> bool:
        return all(translation.origin != "none" for translation in self.found.values())


async def words_for(translator: Translator, language: str, texts: Iterable[str]) -> Words:
    """
    Translate all texts of a page in one call.

    The decision for a translator that is down: the page shows the originals and says so (`available` is False).
    """
    if language == SOURCE:
        return Words(language)
    distinct = tuple(dict.fromkeys(text for text in texts if text and len(text) <= MAX_TEXT_LENGTH))[:MAX_TEXTS]
    try:
        request = TranslationRequest(texts=distinct, source=SOURCE, target=language)
        translations = await translator.translate_many(request)
    except ShopError:
        return Words(language, available=False)
    return Words(language, dict(zip(distinct, translations, strict=True)))


def money_in(language: str, money: Money) -> str:
    """
    An amount as people write it.

    A table of two habits instead of a locale library, whose data (33 MB) would be half of the store front's image.
    """
    units, cents = divmod(money.amount, 100)
    if language == "en":
        return f"€{units:,}.{cents:02}"
    separator = {"de": ".", "es": ".", "ca": ".", "fr": "\u202f"}[language]
    return f"{units:,}".replace(",", separator) + f",{cents:02}\u00a0€"
