from datetime import timedelta

import pytest
from pydantic import ValidationError

from twinshop.catalog.service import CatalogService
from twinshop.contracts.catalog import StockAudit, StockLine
from twinshop.contracts.errors import Conflict, Invalid, NotFound, OutOfStock, TooLarge, Unavailable
from twinshop.kit.database import Database

pytestmark = pytest.mark.anyio

ORDER = "order-0000000000"
OTHER = "order-1111111111"
THIRD = "order-2222222222"


# ── Reserve


async def test_reserved_stock_is_no_longer_available(catalog, lines, available):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    assert await available("KIT-001") == 3


async def test_a_reservation_tells_its_lines_as_given_and_when_it_expires(catalog, lines, clock):
    reservation = await catalog.reserve(ORDER, lines(TEA_001=1, KIT_001=2))
    assert reservation.model_dump() == {
        "order_id": ORDER,
        "state": "reserved",
        "lines": ({"sku": "TEA-001", "quantity": 1}, {"sku": "KIT-001", "quantity": 2}),
        "expires_at": clock.now() + timedelta(minutes=10),
    }


async def test_reserving_again_answers_the_same(catalog, lines):
    first = await catalog.reserve(ORDER, lines(TEA_001=1, KIT_001=2))
    assert await catalog.reserve(ORDER, lines(TEA_001=1, KIT_001=2)) == first


async def test_reserving_again_takes_nothing_more(catalog, lines, available):
    for _ in range(3):
        await catalog.reserve(ORDER, lines(KIT_001=2))
    assert await available("KIT-001") == 3


async def test_the_same_lines_in_another_order_are_the_same_reservation(catalog, lines):
    first = await catalog.reserve(ORDER, lines(TEA_001=1, KIT_001=2))
    assert await catalog.reserve(ORDER, lines(KIT_001=2, TEA_001=1)) == first


@pytest.mark.parametrize("others", [{"KIT_001": 1}, {"KIT_002": 2}, {"KIT_001": 2, "KIT_002": 1}])
async def test_other_lines_for_the_same_order_conflict(catalog, lines, others):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    with pytest.raises(Conflict, match="other products"):
        await catalog.reserve(ORDER, lines(**others))


async def test_a_shortage_is_told_product_by_product(catalog, lines):
    with pytest.raises(OutOfStock) as caught:
        await catalog.reserve(ORDER, lines(KIT_001=6, KIT_002=1, TEA_002=1))
    assert caught.value.facts == {
        "shortages": [
            {"sku": "KIT-001", "requested": 6, "available": 5},
            {"sku": "TEA-002", "requested": 1, "available": 0},
        ]
    }


async def test_a_shortage_of_one_product_reserves_none(catalog, lines, available):
    with pytest.raises(OutOfStock):
        await catalog.reserve(ORDER, lines(KIT_002=1, TEA_002=1))
    assert await available("KIT-002") == 10


async def test_an_order_that_met_a_shortage_may_try_again_with_less(catalog, lines):
    with pytest.raises(OutOfStock):
        await catalog.reserve(ORDER, lines(KIT_001=6))
    assert (await catalog.reserve(ORDER, lines(KIT_001=5))).state == "reserved"


async def test_an_unknown_product_is_not_found(catalog, lines):
    with pytest.raises(NotFound) as caught:
        await catalog.reserve(ORDER, lines(KIT_001=1, XXX_999=1))
    assert caught.value.facts == {"skus": ["XXX-999"]}


async def test_an_unknown_product_leaves_no_reservation(catalog, lines):
    with pytest.raises(NotFound):
        await catalog.reserve(ORDER, lines(KIT_001=1, XXX_999=1))
    with pytest.raises(NotFound):
        await catalog.commit(ORDER)


async def test_nothing_at_all_cannot_be_reserved(catalog):
    with pytest.raises(Invalid):
        await catalog.reserve(ORDER, [])


async def test_a_product_listed_twice_is_refused(catalog, lines):
    with pytest.raises(Invalid, match="twice"):
        await catalog.reserve(ORDER, [*lines(KIT_001=1), *lines(KIT_001=1)])


async def test_more_lines_than_an_order_may_have_are_too_many(catalog):
    with pytest.raises(TooLarge):
        await catalog.reserve(ORDER, [StockLine(sku=f"XXX-{n:03}", quantity=1) for n in range(51)])


@pytest.mark.parametrize("quantity", [10**9, 100, 0, -1])
async def test_impossible_quantities_are_no_lines(quantity):
    with pytest.raises(ValidationError):
        StockLine(sku="KIT-001", quantity=quantity)


@pytest.mark.parametrize(
    "order_id", ["", "short", "x" * 65, "order-000000000\0", "order 0000000000", "'; DROP TABLE x; --"]
)
@pytest.mark.parametrize("operation", ["reserve", "commit", "release"])
async def test_what_is_no_order_id_is_refused_in_the_process_too(catalog, lines, operation, order_id):
    further = [lines(KIT_001=1)] if operation == "reserve" else []
    with pytest.raises(Invalid):
        await getattr(catalog, operation)(order_id, *further)


# ── Commit


async def test_committed_stock_is_sold(catalog, lines):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    await catalog.commit(ORDER)
    assert await catalog.audit() == StockAudit(
        initial=36, on_hand=34, reserved=0, sold=2, open_reservations=0, lowest_available=0
    )


async def test_committing_again_answers_the_same(catalog, lines):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    first = await catalog.commit(ORDER)
    assert await catalog.commit(ORDER) == first


async def test_committing_again_sells_nothing_more(catalog, lines):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    for _ in range(3):
        await catalog.commit(ORDER)
    assert (await catalog.audit()).sold == 2


async def test_reserving_a_committed_order_answers_that_it_is_committed(catalog, lines):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    committed = await catalog.commit(ORDER)
    assert await catalog.reserve(ORDER, lines(KIT_001=2)) == committed


async def test_what_was_never_reserved_cannot_be_committed(catalog):
    with pytest.raises(NotFound):
        await catalog.commit(ORDER)


async def test_what_was_released_cannot_be_committed(catalog, lines):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    await catalog.release(ORDER)
    with pytest.raises(Conflict, match="released"):
        await catalog.commit(ORDER)


# ── Release


async def test_released_stock_is_available_again(catalog, lines, available):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    await catalog.release(ORDER)
    assert await available("KIT-001") == 5


async def test_releasing_again_answers_the_same(catalog, lines):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    first = await catalog.release(ORDER)
    assert await catalog.release(ORDER) == first


async def test_releasing_again_gives_back_nothing_more(catalog, lines, available):
    await catalog.reserve(OTHER, lines(KIT_001=1))
    await catalog.reserve(ORDER, lines(KIT_001=2))
    for _ in range(3):
        await catalog.release(ORDER)
    assert await available("KIT-001") == 4


async def test_a_released_order_cannot_reserve_again(catalog, lines):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    await catalog.release(ORDER)
    with pytest.raises(Conflict, match="released"):
        await catalog.reserve(ORDER, lines(KIT_001=2))


async def test_an_order_released_before_it_reserved_is_refused_later(catalog, lines):
    await catalog.release(ORDER)
    with pytest.raises(Conflict, match="released"):
        await catalog.reserve(ORDER, lines(KIT_001=2))


async def test_releasing_an_unknown_order_twice_answers_the_same(catalog):
    first = await catalog.release(ORDER)
    assert (first.state, first.lines) == ("released", ())
    assert await catalog.release(ORDER) == first


async def test_what_was_committed_cannot_be_released(catalog, lines):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    await catalog.commit(ORDER)
    with pytest.raises(Conflict, match="sold"):
        await catalog.release(ORDER)


# ── Expiry


async def test_expired_stock_shows_as_available(catalog, lines, available, clock):
    await catalog.reserve(ORDER, lines(KIT_001=5))
    clock.expire()
    assert await available("KIT-001") == 5


async def test_expired_stock_goes_to_the_next_order(catalog, lines, clock):
    await catalog.reserve(ORDER, lines(KIT_001=5))
    clock.expire()
    assert (await catalog.reserve(OTHER, lines(KIT_001=5))).state == "reserved"


async def test_stock_that_has_not_expired_does_not(catalog, lines, clock):
    await catalog.reserve(ORDER, lines(KIT_001=5))
    clock.time += timedelta(minutes=9, seconds=59)
    with pytest.raises(OutOfStock):
        await catalog.reserve(OTHER, lines(KIT_001=1))


async def test_an_expired_reservation_is_neither_open_nor_reserved_in_the_audit(catalog, lines, clock):
    await catalog.reserve(ORDER, lines(KIT_001=5))
    clock.expire()
    audit = await catalog.audit()
    assert (audit.open_reservations, audit.reserved) == (0, 0)


async def test_an_expired_reservation_commits_while_nobody_took_its_stock(catalog, lines, clock):
    await catalog.reserve(ORDER, lines(KIT_001=5))
    clock.expire()
    await catalog.commit(ORDER)
    assert (await catalog.audit()).sold == 5


async def test_an_expired_reservation_commits_from_what_is_left(catalog, lines, clock, available):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    clock.expire()
    await catalog.reserve(OTHER, lines(KIT_001=3))
    await catalog.commit(ORDER)
    assert await available("KIT-001") == 0


async def test_an_expired_reservation_whose_stock_is_gone_is_out_of_stock(catalog, lines, clock):
    await catalog.reserve(ORDER, lines(KIT_001=2, KIT_002=1))
    clock.expire()
    await catalog.reserve(OTHER, lines(KIT_001=4))
    with pytest.raises(OutOfStock) as caught:
        await catalog.commit(ORDER)
    assert caught.value.facts == {"shortages": [{"sku": "KIT-001", "requested": 2, "available": 1}]}


async def test_committing_an_expired_reservation_takes_from_other_expired_ones(catalog, lines, clock):
    await catalog.reserve(ORDER, lines(KIT_001=3))
    clock.expire()
    await catalog.reserve(OTHER, lines(KIT_001=5))
    clock.expire()
    assert (await catalog.commit(ORDER)).state == "committed"


async def test_reserving_an_expired_reservation_renews_it(catalog, lines, clock, available):
    await catalog.reserve(ORDER, lines(KIT_001=5))
    clock.expire()
    renewed = await catalog.reserve(ORDER, lines(KIT_001=5))
    assert renewed.expires_at == clock.now() + timedelta(minutes=10)
    assert await available("KIT-001") == 0


async def test_reserving_an_expired_reservation_whose_stock_is_gone_is_out_of_stock(catalog, lines, clock):
    await catalog.reserve(ORDER, lines(KIT_001=1))
    clock.expire()
    await catalog.reserve(OTHER, lines(KIT_001=5))
    with pytest.raises(OutOfStock):
        await catalog.reserve(ORDER, lines(KIT_001=1))


async def test_an_expired_reservation_keeps_what_nobody_needed(catalog, lines, clock, available):
    await catalog.reserve(ORDER, lines(KIT_001=5, KIT_002=10))
    clock.expire()
    await catalog.reserve(OTHER, lines(KIT_001=5))
    await catalog.release(OTHER)
    await catalog.commit(ORDER)
    assert [await available(sku) for sku in ("KIT-001", "KIT-002")] == [0, 0]


async def test_releasing_an_expired_reservation_gives_back_only_what_it_still_held(catalog, lines, clock, available):
    await catalog.reserve(ORDER, lines(KIT_001=2, KIT_002=3))
    clock.expire()
    await catalog.reserve(OTHER, lines(KIT_001=1))
    await catalog.release(ORDER)
    assert [await available(sku) for sku in ("KIT-001", "KIT-002")] == [4, 10]


# ── Audit and failure


async def test_the_audit_of_a_fresh_catalogue(catalog):
    assert await catalog.audit() == StockAudit(
        initial=36, on_hand=36, reserved=0, sold=0, open_reservations=0, lowest_available=0
    )


async def test_the_audit_counts_open_reservations(catalog, lines):
    await catalog.reserve(ORDER, lines(KIT_001=2))
    await catalog.reserve(OTHER, lines(KIT_001=1, KIT_002=1))
    await catalog.release(THIRD)
    audit = await catalog.audit()
    assert (audit.open_reservations, audit.reserved) == (2, 4)


async def test_the_audit_of_an_empty_catalogue_is_all_zero(catalog_of_bare):
    assert set((await catalog_of_bare.audit()).model_dump().values()) == {0}


async def test_a_database_that_does_not_answer_is_unavailable(lines):
    database = Database("catalog", "postgresql://127.0.0.1:1/nobody-listens")
    catalog = CatalogService(database, reserve_for=timedelta(minutes=1))
    with pytest.raises(Unavailable) as caught:
        await catalog.reserve(ORDER, lines(KIT_001=1))
    await database.dispose()
    assert caught.value.facts == {"component": "catalog"}
