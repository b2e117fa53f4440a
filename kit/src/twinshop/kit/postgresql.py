"""PostgreSQL, through psycopg."""

import asyncio
from typing import Any, Self

from psycopg import AsyncConnection, waiting
from psycopg.abc import RV, PQGen
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from twinshop.kit.settings import DatabaseSettings

POOL_SIZE = 10


class _Connection(AsyncConnection[Any]):
    """A connection that is closed at once when connecting or a query on it is cancelled."""

    @classmethod
    async def connect(cls, conninfo: str = "", **options: Any) -> Self:  # noqa: ANN401 - the driver's own
        try:
            return await super().connect(conninfo, **options)
        except asyncio.CancelledError as error:
            raise error.with_traceback(None) from None  # the frames have the socket: it would stay open with the error

    async def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:  # noqa: ASYNC109
        try:
            return await waiting.wait_async(gen, self.pgconn.socket, interval=interval, timeout=timeout)
        except BaseException as error:
            # psycopg would ask the server to cancel the query and wait for its answer: 10 s where the server is paused.
            if not isinstance(error, Exception):
                self.pgconn.finish()
            raise


def engine(url: URL, limits: DatabaseSettings) -> AsyncEngine:
    milliseconds = round(limits.statement_seconds * 1e3)
    options = {
        "statement_timeout": milliseconds,
        "lock_timeout": milliseconds,
        # What a client that left has begun ends, too, and gives its locks back.
        "idle_in_transaction_session_timeout": round(limits.unit_seconds * 2e3),
        "client_connection_check_interval": 1000,
        # A shop's tables are in memory or on an SSD. With its default, 4, the planner reads them whole too often.
        "random_page_cost": 1.1,
        "timezone": "UTC",
    }
    return create_async_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_timeout=limits.unit_seconds,
        pool_pre_ping=True,  # a restarted database costs one round trip here, not a failed request
        connect_args={
            "async_creator_fn": _Connection.connect,
            "connect_timeout": limits.connect_seconds,
            "tcp_user_timeout": round(limits.unit_seconds * 1e3),
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )
