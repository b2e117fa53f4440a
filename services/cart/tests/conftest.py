"""A real Redis-compatible server for the tests, and the cart on it."""

import secrets

import pytest
import redis.asyncio

from twinshop.cart.app import build
from twinshop.cart.settings import CartSettings
from twinshop.testing.stores import new_redis_server


@pytest.fixture(scope="session")
def shared_server():
    with new_redis_server() as server:
        yield server


@pytest.fixture
def own_server():
    """A server that the test may break."""
    server = new_redis_server()
    server.start()
    yield server
    server.terminate()


@pytest.fixture
async def admin(shared_server):
    """A bare client on the shared server."""
    async with redis.asyncio.Redis.from_url(shared_server.connection_url, decode_responses=True) as client:
        yield client


@pytest.fixture
async def own_admin(own_server):
    async with redis.asyncio.Redis.from_url(own_server.connection_url) as client:
        yield client


@pytest.fixture
async def component(shared_server):
    component = build(
        CartSettings(redis_url=shared_server.connection_url, ttl_seconds=1000, timeout_seconds=60, operation_seconds=60)
    )
    async with component.running():
        yield component


@pytest.fixture
def carts(component):
    return component.port


@pytest.fixture
async def own_carts(own_server):
    component = build(CartSettings(redis_url=own_server.connection_url, timeout_seconds=60, operation_seconds=60))
    async with component.running():
        yield component.port


@pytest.fixture
def cart_id():
    return secrets.token_urlsafe(16)


@pytest.fixture
def make_id():
    """Makes the id of a change."""
    return lambda: secrets.token_urlsafe(16)


@pytest.fixture
def key(cart_id):
    """Where the cart is in Redis."""
    return f"cart:{{{cart_id}}}"
