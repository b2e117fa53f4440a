"""A running translate service, asked over HTTP."""

import asyncio
import json
from collections.abc import Sequence
from http.client import HTTPException
from typing import Protocol, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from pydantic import TypeAdapter, ValidationError

from twinshop.contracts.errors import Invalid, ShopError, Unavailable, UnknownLanguage
from twinshop.contracts.translate import LanguagePair, Translation, TranslationRequest

TIMEOUT_SECONDS = 60
"""For one portion; a service gives its machine a few seconds."""

Answer = TypeVar("Answer")

_TRANSLATIONS = TypeAdapter(tuple[Translation, ...])
_PAIRS = TypeAdapter(tuple[LanguagePair, ...])


class Portions(Protocol):
    """What the command needs of a translator, in this process or elsewhere."""

    async def translate_many(self, request: TranslationRequest) -> Sequence[Translation]: ...

    async def pairs(self) -> Sequence[LanguagePair]: ...


class UrlTranslator:
    """By the standard library alone: the command must not need the shop's client."""

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise Invalid(f"{url} is not an http:// or https:// URL.")
        self._url = url.rstrip("/")

    async def translate_many(self, request: TranslationRequest) -> tuple[Translation, ...]:
        answer = await asyncio.to_thread(self._call, "/translate/texts", request.model_dump_json().encode())
        return self._checked(_TRANSLATIONS, answer)

    async def pairs(self) -> tuple[LanguagePair, ...]:
        return self._checked(_PAIRS, await asyncio.to_thread(self._call, "/translate/pairs"))

    def _checked(self, kind: TypeAdapter[tuple[Answer, ...]], answer: bytes) -> tuple[Answer, ...]:
        try:
            return kind.validate_json(answer)
        except ValidationError as error:
            raise Unavailable(f"The server at {self._url} is not a translate service.") from error

    def _call(self, path: str, body: bytes | None = None) -> bytes:
        request = Request(self._url + path, body, {"Content-Type": "application/json"})  # noqa: S310 - checked above
        try:
            with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return bytes(answer.read())
        except HTTPError as error:
            with error:
                raise self._refusal(error.code, error.read()) from error
        except (OSError, HTTPException) as error:
            raise Unavailable(f"The translate service at {self._url} does not answer: {error}") from error

    def _refusal(self, status: int, body: bytes) -> ShopError:
        try:
            problem = json.loads(body)
            code, detail = str(problem["code"]), str(problem["detail"])
        except (ValueError, TypeError, KeyError):
            return Unavailable(f"The server at {self._url} is not a translate service (status {status}).")
        kinds = {kind.code: kind for kind in (Invalid, UnknownLanguage)}
        return kinds.get(code, Unavailable)(detail)
