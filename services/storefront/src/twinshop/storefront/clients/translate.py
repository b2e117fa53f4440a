"""The translator over HTTP."""

from collections.abc import Sequence
from urllib.parse import urlencode

from pydantic import TypeAdapter

from twinshop.contracts.translate import LanguagePair, Translation, TranslationRequest
from twinshop.contracts.values import FoundText
from twinshop.kit.client import Remote

_TRANSLATIONS = TypeAdapter(tuple[Translation, ...])
_FOUND = TypeAdapter(tuple[FoundText, ...])
_PAIRS = TypeAdapter(tuple[LanguagePair, ...])


class HttpTranslator:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    async def translate_many(self, request: TranslationRequest) -> tuple[Translation, ...]:
        return await self._remote.read(_TRANSLATIONS, "POST", "/translate/texts", request.model_dump_json().encode())

    async def find(self, words: Sequence[str], language: str) -> tuple[FoundText, ...]:
        asked = urlencode([("language", language), *(("q", word) for word in words)])
        return await self._remote.read(_FOUND, "GET", f"/translate/find?{asked}")

    async def pairs(self) -> tuple[LanguagePair, ...]:
        return await self._remote.read(_PAIRS, "GET", "/translate/pairs")
