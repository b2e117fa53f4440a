"""In which words: the language that a request wants, and the translation of what it shows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fastapi import Request

from twinshop.contracts.errors import ShopError, UnknownLanguage
from twinshop.contracts.translate import MAX_TEXT_LENGTH, MAX_TEXTS, Translation, TranslationRequest, Translator
from twinshop.storefront.languages import LANGUAGES, SOURCE

COOKIE = "twinshop_language"
_THREE_LETTERS = {code: language for language, about in LANGUAGES.items() for code in about.iso_639_2}
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


def wanted(request: Request) -> str:
    """
    The language of a page: `?lang=`, else the picker's cookie, else what the browser prefers, else English.

    For a tag that the shop does not support, pages fall back, because a page in another language is better than an
    error. Programs get an error (`demanded`), so that they do not receive another language unnoticed.
    """
    asked = matched(request.query_params.get("lang", ""))
    chosen = matched(request.cookies.get(COOKIE, ""))
    return asked or chosen or preferred(request.headers.get("accept-language", "")) or SOURCE


def demanded(request: Request) -> str:
    """The language of an answer to a program; as `wanted`, but raises UnknownLanguage for an unknown `?lang=`."""
    asked = request.query_params.get("lang")
    if asked is not None and matched(asked) is None:
        raise UnknownLanguage(f"The shop speaks {', '.join(LANGUAGES)}.", languages=list(LANGUAGES))
    return wanted(request)


def matched(tag: str) -> str | None:
    """
    The language of the shop that a tag asks for, by lookup (RFC 4647, section 3.4); None if there is none.

    A tag may be written as in BCP 47 (`es-ES`), with any case and with underscores (`es_ES`).
    """
    code = primary(tag)
    return code if code in LANGUAGES else None


def primary(tag: str) -> str:
    """The language of a tag without script, region and variants, as its shortest code (RFC 5646, section 2.2.1)."""
    code = tag.strip().replace("_", "-").partition("-")[0].lower()
    return _THREE_LETTERS.get(code, code)


def preferred(header: str) -> str | None:
    """What an Accept-Language (RFC 9110, section 12.5.4) likes best of what the shop speaks; None if nothing."""
    best, most = None, 0.0
    for preference in header.split(","):
        tag, _, parameter = preference.partition(";")
        code, quality = matched(tag), _quality(parameter)
        if code is not None and quality > most:
            best, most = code, quality
    return best


def _quality(parameter: str) -> float:
    """1 without one, 0 for one that is no quality value."""
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    return float(value) if _QUALITY.fullmatch(value.strip()) else 0.0


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
        """The engine that translated a text; None if a person did, or if it is not translated."""
        translation = self.found.get(text)
        return None if translation is None else translation.engine

    @property
    def complete(self) -> bool:
        return all(translation.origin != "none" for translation in self.found.values())

    @property
    def shown(self) -> str:
        """The language that the page is in after all: English where nothing could be translated."""
        nothing = bool(self.found) and all(translation.origin == "none" for translation in self.found.values())
        return SOURCE if nothing or not self.available else self.language

    def language_of(self, text: str) -> str:
        """The language that a text is shown in: English for one that could not be translated."""
        translation = self.found.get(text)
        return SOURCE if translation is None or translation.origin == "none" else self.shown


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
