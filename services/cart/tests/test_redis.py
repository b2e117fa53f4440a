"""The cart and its Redis: expiry, and what happens while it is away."""

import asyncio

import pytest

from twinshop.cart.app import build
from twinshop.cart.settings import CartSettings
from twinshop.contracts.cart import Cart, CartChange
from twinshop.contracts.errors import Unavailable

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.fixture
def one_more(make_id):
    return lambda: CartChange(sku="KIT-001", quantity=1, mode="add", change_id=make_id())


async def test_a_change_sets_the_expiry(carts, cart_id, key, admin, one_more):
    await carts.change(cart_id, one_more())
    assert 0 < await admin.ttl(key) <= 1000


async def test_every_change_renews_the_expiry(carts, cart_id, key, admin, one_more):
    await carts.change(cart_id, one_more())
    await admin.persist(key)
    await carts.change(cart_id, one_more())
    assert await admin.ttl(key) > 0


async def test_an_expired_cart_is_empty_at_version_0(carts, cart_id, key, admin, one_more):
    await carts.change(cart_id, one_more())
    await admin.expireat(key, 1)  # in 1970
    assert await carts.get(cart_id) == Cart(id=cart_id, version=0)


async def test_everything_about_a_cart_is_under_one_key(carts, cart_id, key, admin, one_more):
    await carts.change(cart_id, one_more())
    assert await admin.keys(f"*{cart_id}*") == [key]


async def test_without_redis_the_cart_is_unavailable(own_server, own_carts, cart_id):
    own_server.terminate()
    with pytest.raises(Unavailable) as refused:
        await own_carts.get(cart_id)
    assert refused.value.facts == {"component": "cart"}


async def test_the_cart_recovers_when_redis_comes_back(own_server, own_carts, cart_id, one_more):
    await own_carts.change(cart_id, one_more())
    own_server.terminate()
    with pytest.raises(Unavailable):
        await own_carts.change(cart_id, one_more())
    own_server.start()
    assert (await own_carts.change(cart_id, one_more())).version == 1


async def test_a_connection_that_died_in_the_pool_is_not_noticed(own_carts, own_admin, cart_id, one_more):
    await own_carts.change(cart_id, one_more())
    await own_admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert (await own_carts.change(cart_id, one_more())).version == 2


async def test_redis_that_forgot_the_script_is_given_it_again(own_carts, own_admin, cart_id, one_more):
    await own_carts.change(cart_id, one_more())
    await own_admin.script_flush()
    assert (await own_carts.change(cart_id, one_more())).version == 2


async def test_redis_that_does_not_answer_in_time_is_unavailable(own_server, own_admin, cart_id):
    hasty = build(CartSettings(redis_url=own_server.connection_url, timeout_seconds=0.2))
    await own_admin.execute_command("CLIENT", "PAUSE", 60_000, "ALL")
    async with hasty.running():
        with pytest.raises(Unavailable):
            await hasty.port.get(cart_id)


async def test_redis_that_is_out_of_memory_is_unavailable(own_carts, own_admin, cart_id, one_more):
    await own_admin.config_set("maxmemory", 1)
    with pytest.raises(Unavailable):
        await own_carts.change(cart_id, one_more())


async def test_redis_that_is_read_only_is_unavailable(own_carts, own_admin, cart_id, one_more):
    await own_admin.replicaof("127.0.0.1", 9)
    with pytest.raises(Unavailable):
        await own_carts.change(cart_id, one_more())


async def test_more_operations_than_connections_wait_their_turn(own_server, own_admin, cart_id):
    patient = build(CartSettings(redis_url=own_server.connection_url, timeout_seconds=60, operation_seconds=60))
    async with patient.running():
        await asyncio.gather(*(patient.port.get(cart_id) for _ in range(200)))
        clients = await own_admin.client_list()
    assert 1 < len(clients) <= 51


async def test_the_component_is_ready_while_redis_answers(component):
    assert await component.ready() is None


async def test_the_component_is_not_ready_without_redis(own_server):
    component = build(CartSettings(redis_url=own_server.connection_url))
    own_server.terminate()
    async with component.running():
        with pytest.raises(Unavailable):
            await component.ready()


def test_the_password_of_redis_is_not_in_the_settings_repr():
    assert "hunter2" not in repr(CartSettings(redis_url="redis://:hunter2@127.0.0.1/0"))
