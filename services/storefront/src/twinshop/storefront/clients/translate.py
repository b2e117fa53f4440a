"""The translator over HTTP."""

from pydantic import TypeAdapter

from twinshop.contracts.translate import LanguagePair, Translation, TranslationRequest
from twinshop.kit.client import Remote

_TRANSLATIONS = TypeAdapter(tuple[Translation, ...])
_PAIRS = TypeAdapter(tuple[LanguagePair, ...])


class HttpTranslator:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    async def translate_many(self, request: TranslationRequest) -> tuple[Translation, ...]:
        return await self._remote.read(_TRANSLATIONS, "POST", "/translate/texts", request.model_dump_json().encode())

    async def pairs(self) -> tuple[LanguagePair, ...]:
        return await self._remote.read(_PAIRS, "GET", "/translate/pairs")
