"""The translation memory: what people wrote."""

import json
import logging
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

ENGLISH = "en"
"""The language of the memory's keys."""

log = logging.getLogger(__name__)


class _Language:
    """The translations into one language; what is derived from them is made at first use, not at start."""

    def __init__(self, translations: Mapping[str, str]) -> None:
        self.translations = translations

    @cached_property
    def english(self) -> Mapping[str, tuple[str, ...]]:
        """The English texts of each translation, because two of them may have the same."""
        found: dict[str, tuple[str, ...]] = {}
        for text, translation in self.translations.items():
            found[translation] = (*found.get(translation, ()), text)
        return found


class TranslationMemory:
    """
    Translations from English by language; backwards and between other languages by way of the English text.

    A text is found as it was written, to the letter.
    """

    def __init__(self, translations: Mapping[str, Mapping[str, str]]) -> None:
        self._languages = {language: _Language(texts) for language, texts in translations.items()}

    @property
    def languages(self) -> frozenset[str]:
        """The languages that it translates to and from, English included; none if it is empty."""
        return frozenset({*self._languages, ENGLISH}) if self._languages else frozenset()

    def translation(self, text: str, source: str, target: str) -> str | None:
        for english in self._in_english(text, source):
            translation = self._from_english(english, target)
            if translation is not None:
                return translation
        return None

    def texts(self, source: str, target: str) -> list[str]:
        """The texts of which it has a translation, in a fixed order."""
        language = self._languages.get(target if source == ENGLISH else source)
        texts = () if language is None else language.translations if source == ENGLISH else language.english
        return [text for text in texts if self.translation(text, source, target) is not None]

    def _in_english(self, text: str, source: str) -> tuple[str, ...]:
        if source == ENGLISH:
            return (text,)
        language = self._languages.get(source)
        return () if language is None else language.english.get(text, ())

    def _from_english(self, text: str, target: str) -> str | None:
        if target == ENGLISH:
            return text
        language = self._languages.get(target)
        return None if language is None else language.translations.get(text)


def load(folder: Path) -> TranslationMemory:
    """
    The memory in a folder: `<language>/*.json`, each file one object of English texts and their translations.

    Raises ValueError for a file that is no such object: it would be missed only when a shopper sees English.
    """
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("[a-z][a-z]/*.json")):
        found.setdefault(path.parent.name, {}).update(_read(path))
    if not found:
        log.warning("no translation memory in %s", folder)
    return TranslationMemory(found)


def _read(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise ValueError(f"{path} is not one object of English texts and their translations")
    return content
