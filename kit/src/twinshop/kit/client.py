"""
Calls to a component in another process: pooled connections, a timeout, one retry, a breaker, an error mapping.

Every operation of every port is idempotent (changes carry an id), so a call whose connection broke is made again once.
A call that timed out is not: the component is slow, and a second call would make it slower.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from time import monotonic
from typing import TypeVar
from urllib.parse import quote, urlencode

from pydantic import Field, TypeAdapter
from pydantic_settings import SettingsConfigDict

from twinshop.contracts.errors import ShopError, Unavailable
from twinshop.kit import context, metrics, problems, tracing
from twinshop.kit.breaker import Breaker
from twinshop.kit.connections import (
    AnswerTooLargeError,
    ConnectDeadlineError,
    Connections,
    DeadlineError,
    Origin,
    TransportError,
    head,
)
from twinshop.kit.settings import CallerSettings, Settings

RETRY_PAUSE_SECONDS = 0.05
LEAST_SECONDS = 0.001
"""A limit of nothing would mean none."""

Answer = TypeVar("Answer")


class ClientSettings(Settings):
    """Settings of calls to other components. They are declared factors of every experiment."""

    model_config = SettingsConfigDict(env_prefix="TWINSHOP_CALL_")

    connect_seconds: float = Field(default=0.5, gt=0, description="Time to connect to a component")
    timeout_seconds: float = Field(
        default=2.0, gt=0, description="Time for one call, from start to the last byte, with its second try"
    )
    retries: int = Field(default=1, ge=0, le=3, description="Retries after a broken connection")
    breaker: bool = Field(default=True, description="Fail at once while a component keeps failing")


def connect(settings: ClientSettings) -> Connections:
    """The only connection pool of the process. Use it as an async context manager."""
    return Connections(settings.connect_seconds)


class Remote:
    """The client of a component at a URL; raises ValueError where that is not one."""

    def __init__(self, component: str, base_url: str, http: Connections, settings: ClientSettings) -> None:
        self.component = component
        self._origin = Origin.of(base_url)
        self._http = http
        self._retries = settings.retries
        self._timeout_seconds = settings.timeout_seconds
        self._breaker = Breaker() if settings.breaker else None
        key = CallerSettings().header()
        self._authorization = None if key is None else key.decode()

    async def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> bytes:
        """Like `read`, but return the raw body of the response."""
        return await self._exchange(bytes, method, path, body, query, timeout_seconds)

    async def read(
        self,
        kind: TypeAdapter[Answer],
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> Answer:
        """
        One call; its answer as a value. Members that are not known are left out: a newer version may say more.

        Raises the `ShopError` that the component answered with, or `Unavailable` where it did not answer properly.
        """
        return await self._exchange(
            lambda answer: kind.validate_json(answer, extra="ignore"), method, path, body, query, timeout_seconds
        )

    async def _exchange(
        self,
        parse: Callable[[bytes], Answer],
        method: str,
        path: str,
        body: bytes | None,
        query: Mapping[str, str] | None,
        timeout_seconds: float | None,
    ) -> Answer:
        if self._breaker is not None and not self._breaker.allows():
            raise self._unavailable("is known to be down")
        end = monotonic() + (self._timeout_seconds if timeout_seconds is None else timeout_seconds)
        for attempt in range(self._retries + 1):
            try:
                # What is left: a second try does not make the call last longer than one may.
                status, answer = await self._send(method, path, body, query, max(end - monotonic(), LEAST_SECONDS))
            except DeadlineError as error:
                self._note(ok=False)
                what = "accept a connection" if isinstance(error, ConnectDeadlineError) else "answer"
                raise self._unavailable(f"took too long to {what}") from error
            except TransportError as error:
                if attempt < self._retries:
                    await asyncio.sleep(RETRY_PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
                    continue
                self._note(ok=False)
                raise self._unavailable("cannot be reached") from error
            except AnswerTooLargeError as error:  # the next would be no shorter
                self._note(ok=False)
                raise self._unavailable("answered something else") from error
            if status >= 300:  # noqa: PLR2004
                problem = problems.from_problem(self.component, status, answer)
                # A component that says who else does not answer is well: its other operations are not to be cut off.
                self._note(ok=status < 500 or (isinstance(problem, Unavailable) and not problem.is_of(self.component)))  # noqa: PLR2004
                raise problem
            try:
                value = parse(answer)
            except ValueError as error:
                self._note(ok=False)
                raise self._unavailable("answered something else") from error
            self._note(ok=True)
            return value
        raise AssertionError("the loop returns or raises")

    async def _send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        query: Mapping[str, str] | None,
        timeout_seconds: float,
    ) -> tuple[int, bytes]:
        fields = {context.REQUEST_ID_HEADER: context.request_id.get()}
        if self._authorization is not None:
            fields["authorization"] = self._authorization
        if tracing.spans is not None:
            fields |= tracing.spans.headers()
        if body is not None:
            fields["content-type"] = "application/json"
        target = path if query is None else f"{path}?{urlencode(query)}"
        request = head(self._origin, method, target, fields, body)
        return await self._http.exchange(self._origin, request if body is None else request + body, timeout_seconds)

    def _note(self, *, ok: bool) -> None:
        if self._breaker is None:
            return
        was_open = self._breaker.is_open
        if ok:
            self._breaker.succeeded()
        else:
            self._breaker.failed()
        if was_open != self._breaker.is_open:
            metrics.breaker_open.labels(self.component).set(int(self._breaker.is_open))

    def _unavailable(self, why: str) -> ShopError:
        return Unavailable(f"The {self.component} component {why}.", component=self.component)


def segment(value: str) -> str:
    """Return the value as one segment of a URL path."""
    return quote(value, safe="")
