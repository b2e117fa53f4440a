"""The translator over HTTP."""

from pydantic import TypeAdapter

from twinshop.contracts.translate import LanguagePair, Translation, TranslationRequest
from twinshop.kit.client import Remote

_TRANSLATIONS = TypeAdapter(tuple[Translation, ...])
_TEXTS = TypeAdapter(tuple[str, ...])
_PAIRS = TypeAdapter(tuple[LanguagePair, ...])


class HttpTranslator:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    async def translate_many(self, request: TranslationRequest) -> tuple[Translation, ...]:
        answer = await self._remote.call("POST", "/translate/texts", request.model_dump_json().encode())
        return _TRANSLATIONS.validate_json(answer)

    async def find(self, query: str, language: str) -> tuple[str, ...]:
        answer = await self._remote.call("GET", "/translate/find", query={"q": query, "language": language})
        return _TEXTS.validate_json(answer)

    async def pairs(self) -> tuple[LanguagePair, ...]:
        return _PAIRS.validate_json(await self._remote.call("GET", "/translate/pairs"))
