"""The port of the translator."""

from typing import Annotated, Literal, Protocol

from pydantic import Field, StringConstraints

from twinshop.contracts.values import LanguageCode, Value

MAX_TEXTS = 500
MAX_TEXT_LENGTH = 10_000
"""Characters in one text."""

SourceText = Annotated[str, StringConstraints(max_length=MAX_TEXT_LENGTH)]


class TranslationRequest(Value):
    texts: tuple[SourceText, ...] = Field(max_length=MAX_TEXTS)
    source: LanguageCode
    target: LanguageCode


class Translation(Value):
    """
    One text in the target language, and where it comes from.

    `same`: nothing to translate. `memory`: written by a person. `engine`: a machine, named in `engine`.
    `none`: no engine can translate it, and `text` is the original.
    """

    text: str
    origin: Literal["same", "memory", "engine", "none"]
    engine: str | None = None


class LanguagePair(Value):
    source: LanguageCode
    target: LanguageCode
    engine: str | None = Field(description="Null: only what the memory holds")


class Translator(Protocol):
    async def translate_many(self, request: TranslationRequest) -> tuple[Translation, ...]:
        """
        The translations in the order of the texts. Raises UnknownLanguage.

        A text that the memory does not hold and whose engine fails comes back untranslated, with origin `none`.
        """
        ...

    async def pairs(self) -> tuple[LanguagePair, ...]: ...
