"""What may be in a cart, and what a change does to it."""

import asyncio

import pytest

from twinshop.cart.store import RECENT_CHANGES
from twinshop.contracts.cart import Cart, CartChange, CartLine
from twinshop.contracts.errors import Invalid, VersionMismatch
from twinshop.contracts.values import MAX_LINES, MAX_QUANTITY

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


def skus(number):
    return [f"KIT-{n:03}" for n in range(number)]


def lines(**quantities):
    return [CartLine(sku=f"{name[:3]}-{name[3:]}", quantity=quantity) for name, quantity in quantities.items()]


def content(cart):
    return [(line.sku, line.quantity) for line in cart.lines]


@pytest.fixture
def change(carts, cart_id, make_id):
    """Makes one change, under a new id unless one is given."""

    async def make(mode, sku, quantity, *, change_id=None, expected_version=None):
        change_id = change_id or make_id()
        made = CartChange(sku=sku, quantity=quantity, mode=mode, change_id=change_id, expected_version=expected_version)
        return await carts.change(cart_id, made)

    return make


async def test_an_unknown_cart_is_empty_at_version_0(carts, cart_id):
    assert await carts.get(cart_id) == Cart(id=cart_id, version=0)


async def test_reading_an_unknown_cart_writes_nothing(carts, cart_id, key, admin):
    await carts.get(cart_id)
    assert not await admin.exists(key)


async def test_what_a_change_returns_is_what_is_read_afterwards(carts, cart_id, change):
    assert await change("add", "KIT-001", 2) == await carts.get(cart_id)


async def test_adding_twice_adds_up(change):
    await change("add", "KIT-001", 2)
    assert content(await change("add", "KIT-001", 3)) == [("KIT-001", 5)]


async def test_setting_replaces_the_quantity(change):
    await change("add", "KIT-001", 2)
    assert content(await change("set", "KIT-001", 3)) == [("KIT-001", 3)]


async def test_setting_0_removes_the_line(change):
    await change("add", "KIT-001", 2)
    assert content(await change("set", "KIT-001", 0)) == []


async def test_lines_keep_the_order_in_which_they_were_first_added(change):
    for sku in ("TEA-002", "KIT-001", "BAG-003"):
        await change("add", sku, 1)
    cart = await change("add", "KIT-001", 1)
    assert content(cart) == [("TEA-002", 1), ("KIT-001", 2), ("BAG-003", 1)]


async def test_a_line_that_was_removed_comes_back_at_the_end(change):
    await change("add", "KIT-001", 1)
    await change("add", "TEA-002", 1)
    await change("set", "KIT-001", 0)
    assert content(await change("add", "KIT-001", 1)) == [("TEA-002", 1), ("KIT-001", 1)]


async def test_each_change_moves_the_version_by_one(change):
    assert [(await change("add", "KIT-001", 1)).version for _ in range(3)] == [1, 2, 3]


async def test_a_change_that_leaves_the_lines_as_they_are_still_counts(change):
    await change("set", "KIT-001", 1)
    assert (await change("set", "KIT-001", 1)).version == 2


async def test_adding_0_is_invalid(change):
    with pytest.raises(Invalid, match="at least 1"):
        await change("add", "KIT-001", 0)


async def test_a_line_takes_the_most_pieces(change):
    await change("add", "KIT-001", MAX_QUANTITY - 1)
    assert content(await change("add", "KIT-001", 1)) == [("KIT-001", MAX_QUANTITY)]


async def test_one_piece_more_is_invalid_and_tells_the_limit(change):
    await change("add", "KIT-001", MAX_QUANTITY)
    with pytest.raises(Invalid, match=str(MAX_QUANTITY)) as refused:
        await change("add", "KIT-001", 1)
    assert refused.value.facts == {"sku": "KIT-001", "limit": MAX_QUANTITY}


async def test_one_line_more_than_the_most_is_invalid_and_tells_the_limit(carts, cart_id, change, make_id):
    await carts.merge(cart_id, [CartLine(sku=sku, quantity=1) for sku in skus(MAX_LINES)], make_id())
    with pytest.raises(Invalid, match=str(MAX_LINES)) as refused:
        await change("add", "TEA-001", 1)
    assert refused.value.facts == {"limit": MAX_LINES}


async def test_a_refused_change_leaves_the_cart_as_it_was(carts, cart_id, change):
    before = await change("add", "KIT-001", MAX_QUANTITY)
    with pytest.raises(Invalid):
        await change("add", "KIT-001", 1)
    assert await carts.get(cart_id) == before


async def test_the_expected_version_lets_the_change_pass(change):
    await change("add", "KIT-001", 1)
    assert (await change("add", "KIT-001", 1, expected_version=1)).version == 2


async def test_another_version_than_expected_is_refused_with_the_present_one(change):
    await change("add", "KIT-001", 1)
    with pytest.raises(VersionMismatch) as refused:
        await change("add", "KIT-001", 1, expected_version=0)
    assert refused.value.facts == {"version": 1}


async def test_a_change_that_arrives_twice_is_made_once(change, make_id):
    change_id = make_id()
    first = await change("add", "KIT-001", 1, change_id=change_id)
    assert await change("add", "KIT-001", 1, change_id=change_id) == first


async def test_a_change_that_arrives_again_late_returns_the_cart_as_it_is_now(change, make_id):
    change_id = make_id()
    await change("set", "KIT-001", 1, change_id=change_id)
    now = await change("set", "KIT-001", 5)
    assert await change("set", "KIT-001", 1, change_id=change_id) == now


async def test_a_change_that_arrives_twice_is_not_held_against_the_version_it_made(change, make_id):
    change_id = make_id()
    first = await change("add", "KIT-001", 1, change_id=change_id, expected_version=0)
    assert await change("add", "KIT-001", 1, change_id=change_id, expected_version=0) == first


async def test_only_the_latest_change_ids_are_kept(change, make_id, admin, key):
    ids = [make_id() for _ in range(RECENT_CHANGES + 1)]
    for change_id in ids:
        await change("set", "KIT-001", 1, change_id=change_id)
    assert (await admin.hget(key, "changes")).split() == ids[1:]


async def test_merging_adds_many_lines_and_cuts_at_the_most_pieces(carts, cart_id, change, make_id):
    await change("add", "KIT-001", MAX_QUANTITY - 1)
    cart = await carts.merge(cart_id, lines(KIT001=5, TEA002=2), make_id())
    assert content(cart) == [("KIT-001", MAX_QUANTITY), ("TEA-002", 2)]


async def test_merging_twice_merges_once(carts, cart_id, make_id):
    change_id = make_id()
    first = await carts.merge(cart_id, lines(KIT001=5), change_id)
    assert await carts.merge(cart_id, lines(KIT001=5), change_id) == first


async def test_merging_too_many_lines_changes_nothing(carts, cart_id, make_id):
    too_many = [CartLine(sku=sku, quantity=1) for sku in skus(MAX_LINES + 1)]
    with pytest.raises(Invalid):
        await carts.merge(cart_id, too_many, make_id())
    assert await carts.get(cart_id) == Cart(id=cart_id, version=0)


async def test_subtracting_leaves_what_was_added_since_and_passes_over_what_is_gone(carts, cart_id, make_id):
    await carts.merge(cart_id, lines(KIT001=5, TEA002=2), make_id())
    cart = await carts.subtract(cart_id, lines(KIT001=3, TEA002=9, BAG003=1), make_id())
    assert content(cart) == [("KIT-001", 2)]


async def test_subtracting_twice_subtracts_once(carts, cart_id, make_id):
    await carts.merge(cart_id, lines(KIT001=5), make_id())
    change_id = make_id()
    first = await carts.subtract(cart_id, lines(KIT001=2), change_id)
    assert await carts.subtract(cart_id, lines(KIT001=2), change_id) == first


async def test_parallel_adds_lose_nothing(carts, cart_id, change):
    await asyncio.gather(*(change("add", sku, 1) for sku in ["KIT-001", "TEA-002"] * 50))
    cart = await carts.get(cart_id)
    assert (sorted(content(cart)), cart.version) == ([("KIT-001", 50), ("TEA-002", 50)], 100)


async def test_of_parallel_changes_that_expect_one_version_one_is_made(carts, cart_id, change):
    made = [change("add", "KIT-001", 1, expected_version=0) for _ in range(20)]
    outcomes = await asyncio.gather(*made, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Cart"] + 19 * ["VersionMismatch"]


@pytest.mark.parametrize("bad", ["short", "x" * 65, "cart}{of-somebody-else", "two words with spaces"])
async def test_a_malformed_cart_id_is_invalid(carts, bad):
    with pytest.raises(Invalid, match="cart_id"):
        await carts.get(bad)


async def test_a_malformed_change_id_is_invalid(carts, cart_id):
    with pytest.raises(Invalid, match="change_id"):
        await carts.merge(cart_id, lines(KIT001=1), "two words with spaces")
