"""The books, entry by entry."""

import pytest

from twinshop.catalog.books import books
from twinshop.contracts.books import ProductEntry, ReservationEntry

pytestmark = pytest.mark.anyio

HELD, SOLD, GIVEN_BACK = "order-0000000000", "order-1111111111", "order-2222222222"


async def test_every_product_and_every_reservation_is_there(catalog, database, lines):
    await catalog.reserve(HELD, lines(KIT_001=2))
    await catalog.reserve(SOLD, lines(KIT_001=1, TEA_001=3))
    await catalog.commit(SOLD)
    await catalog.release(GIVEN_BACK)

    found = await books(database)

    assert found.products[:2] == (
        ProductEntry(sku="KIT-001", initial=5, on_hand=4, reserved=2),
        ProductEntry(sku="KIT-002", initial=10, on_hand=10, reserved=0),
    )
    assert found.products[3] == ProductEntry(sku="TEA-001", initial=20, on_hand=17, reserved=0)
    assert found.reservations == (
        ReservationEntry(order_id=HELD, state="reserved", lines={"KIT-001": 2}),
        ReservationEntry(order_id=SOLD, state="committed", lines={"KIT-001": 1, "TEA-001": 3}),
        ReservationEntry(order_id=GIVEN_BACK, state="released", lines={}),
    )
