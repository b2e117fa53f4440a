"""The contract of `twinshop.contracts.cart.Carts`."""

import pytest

from twinshop.cart.app import build
from twinshop.cart.settings import CartSettings
from twinshop.contracts.cart import Cart, CartChange, CartLine
from twinshop.contracts.errors import Invalid, Unavailable, VersionMismatch
from twinshop.contracts.values import MAX_LINES, MAX_QUANTITY
from twinshop.storefront.clients import HttpCarts

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

TWO_KITS, ONE_TEA = CartLine(sku="KIT-001", quantity=2), CartLine(sku="TEA-002", quantity=1)


@pytest.fixture(scope="module")
async def carts(reach, redis_url):
    async with reach(build(CartSettings(redis_url=redis_url)), HttpCarts) as port:
        yield port


@pytest.fixture
async def carts_without_store(reach, dead_url):
    async with reach(build(CartSettings(redis_url=dead_url)), HttpCarts) as port:
        yield port


@pytest.fixture
def cart_id(make_id):
    return make_id()


@pytest.fixture
def add(make_id):
    """A change that adds to KIT-001."""

    def made(quantity, **members):
        return CartChange(sku="KIT-001", quantity=quantity, mode="add", change_id=make_id(), **members)

    return made


async def test_a_cart_that_nobody_filled_is_empty(carts, cart_id):
    assert await carts.get(cart_id) == Cart(id=cart_id, version=0)


async def test_a_change_returns_the_cart_afterwards(carts, cart_id, add):
    changed = await carts.change(cart_id, add(2))
    assert changed == Cart(id=cart_id, version=1, lines=(TWO_KITS,)) == await carts.get(cart_id)


async def test_changing_twice_is_changing_once(carts, cart_id, add):
    change = add(2)
    assert await carts.change(cart_id, change) == await carts.change(cart_id, change)


async def test_merging_twice_is_merging_once(carts, cart_id, make_id):
    change_id = make_id()
    first = await carts.merge(cart_id, [TWO_KITS, ONE_TEA], change_id)
    assert first.lines == (TWO_KITS, ONE_TEA)
    assert await carts.merge(cart_id, [TWO_KITS, ONE_TEA], change_id) == first


async def test_subtracting_twice_is_subtracting_once(carts, cart_id, make_id):
    await carts.merge(cart_id, [TWO_KITS, ONE_TEA], make_id())
    change_id, one_of_each = make_id(), [CartLine(sku="KIT-001", quantity=1), ONE_TEA]
    first = await carts.subtract(cart_id, one_of_each, change_id)
    assert first.lines == (CartLine(sku="KIT-001", quantity=1),)
    assert await carts.subtract(cart_id, one_of_each, change_id) == first


async def test_adding_0_is_invalid(carts, cart_id, add, refuses):
    with refuses(Invalid, sku="KIT-001"):
        await carts.change(cart_id, add(0))


async def test_too_many_pieces_are_invalid(carts, cart_id, add, refuses):
    await carts.change(cart_id, add(MAX_QUANTITY))
    with refuses(Invalid, sku="KIT-001", limit=MAX_QUANTITY):
        await carts.change(cart_id, add(1))


async def test_too_many_lines_are_invalid(carts, cart_id, make_id, refuses):
    with refuses(Invalid, limit=MAX_LINES):
        await carts.merge(cart_id, [CartLine(sku=f"KIT-{n:03}", quantity=1) for n in range(MAX_LINES + 1)], make_id())


async def test_another_version_than_expected_is_refused(carts, cart_id, add, refuses):
    await carts.change(cart_id, add(1))
    with refuses(VersionMismatch, version=1):
        await carts.change(cart_id, add(1, expected_version=0))


async def test_a_malformed_cart_id_is_invalid(carts):
    with pytest.raises(Invalid):
        await carts.get("short")


async def test_without_its_store_the_cart_is_unavailable(carts_without_store, cart_id, refuses):
    with refuses(Unavailable, component="cart"):
        await carts_without_store.get(cart_id)
