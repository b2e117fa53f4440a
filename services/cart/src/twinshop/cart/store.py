"""Carts in Redis: every operation is one round trip, every change atomic."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from twinshop.cart.settings import CartSettings
from twinshop.contracts.cart import CartLine
from twinshop.contracts.errors import Unavailable
from twinshop.contracts.values import MAX_LINES, MAX_QUANTITY
from twinshop.kit.deadline import within
from twinshop.kit.imports import absent
from twinshop.kit.store_state import StoreState
from twinshop.kit.store_url import with_password

with absent("opentelemetry.sdk.metrics"):  # for metrics of its own, which are not read: a sixth of the cart's start
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import ConnectionError as RedisConnectionError
    from redis.exceptions import RedisError

MAX_CONNECTIONS = 50
"""Of one process; further operations wait their turn, for as long as one may take."""
RECENT_CHANGES = 100
"""How many ids of a cart's latest changes are kept to recognise a change that arrives again."""

Mode = Literal["add", "set", "merge", "subtract"]
Outcome = Literal["made", "version-mismatch", "too-many-pieces", "too-many-lines"]


class StoredCart(NamedTuple):
    version: int
    lines: tuple[CartLine, ...]


class RedisCartStore:
    """Connects with the first operation, and again after Redis was away."""

    def __init__(self, settings: CartSettings) -> None:
        timeout_seconds = settings.timeout_seconds
        self._ttl_seconds = settings.ttl_seconds
        self._seconds = settings.operation_seconds
        self._redis = Redis(
            connection_pool=BlockingConnectionPool.from_url(
                with_password(settings.redis_url, settings.redis_password),
                max_connections=MAX_CONNECTIONS,
                timeout=timeout_seconds,
                socket_connect_timeout=timeout_seconds,
                socket_timeout=timeout_seconds,
                decode_responses=True,
                # RESP 3 brings nothing used here, and two round trips for each new connection.
                protocol=2,
                # A pooled connection may have died with the Redis before; a Redis that is slow gets no second call.
                retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
            )
        )
        password = self._redis.connection_pool.connection_kwargs.get("password")
        self._state = StoreState("cart", "redis", [password or ""])
        self._change = self._redis.register_script(Path(__file__).with_name("change.lua").read_text(encoding="utf-8"))

    async def get(self, cart_id: str) -> StoredCart:
        async with self._answering():
            version, lines = await self._redis.hmget(_key(cart_id), ["version", "lines"])
        return StoredCart(int(version or 0), _parse(str(lines or "")))

    async def change(
        self, cart_id: str, mode: Mode, lines: Sequence[tuple[str, int]], change_id: str, expected_version: int | None
    ) -> tuple[Outcome, StoredCart]:
        """Make a change unless it was made before or breaks a rule; return the result and the current cart."""
        expected = "" if expected_version is None else expected_version
        limits = (MAX_QUANTITY, MAX_LINES, RECENT_CHANGES)
        flat = [part for line in lines for part in line]
        async with self._answering():
            outcome, version, text = await self._change(
                [_key(cart_id)], [mode, change_id, expected, self._ttl_seconds, *limits, *flat]
            )
        return outcome, StoredCart(version, _parse(text))

    async def ping(self) -> None:
        """Raise Unavailable unless Redis answers."""
        with self._state.asked():
            async with self._answering():
                await self._redis.ping()

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[None]:
        """Whatever Redis fails with, the cart cannot be had: gone, slow, out of memory, read-only or still loading."""
        try:
            # The limits of the socket are for each byte that arrives; this one is for all of it.
            async with within(self._seconds):
                yield
        except (RedisError, OSError) as error:
            self._state.failed(error)
            raise Unavailable("The store of the cart component does not answer.", component="cart") from error
        self._state.answered()


def _key(cart_id: str) -> str:
    """The braces make it one slot of a cluster, should a cart ever need a second key."""
    return f"cart:{{{cart_id}}}"


def _parse(text: str) -> tuple[CartLine, ...]:
    pairs = (line.split("=") for line in text.split())
    return tuple(CartLine(sku=sku, quantity=int(quantity)) for sku, quantity in pairs)
