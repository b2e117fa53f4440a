"""Random lives of orders, compared step by step with a model that fits on a page."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from twinshop.contracts.catalog import StockLine
from twinshop.contracts.errors import ShopError

pytestmark = pytest.mark.anyio

STOCK = {"KIT-001": 5, "KIT-003": 1, "TEA-001": 20}
ORDERS = [f"order-{n:010}" for n in range(4)]

quantities = st.dictionaries(st.sampled_from(sorted(STOCK)), st.integers(1, 8), min_size=1)
steps = st.one_of(
    st.tuples(st.just("reserve"), st.sampled_from(ORDERS), quantities),
    st.tuples(st.sampled_from(["commit", "release", "reserve_again", "lapse"]), st.sampled_from(ORDERS), st.none()),
    st.tuples(st.just("expire"), st.none(), st.none()),
)


@dataclass
class Claim:
    state: str
    lines: dict[str, int]
    held: set[str] = field(default_factory=set)
    until: datetime | None = None


class Shelf:
    """The model: what each product has, and each order holds. Answers the state, or the code of the refusal."""

    def __init__(self, clock):
        self.clock = clock
        self.on_hand = dict(STOCK)
        self.claims = {}

    def reserved(self, sku, *, without=None):
        """Pieces held by reservations that have not expired."""
        live = [claim for claim in self.claims.values() if sku in claim.held and claim.until > self.clock.now()]
        return sum(claim.lines[sku] for claim in live if claim is not without)

    def hold(self, claim):
        wanting = [sku for sku in claim.lines if sku not in claim.held]
        if any(self.on_hand[sku] - self.reserved(sku, without=claim) < claim.lines[sku] for sku in wanting):
            return False
        for other in self.claims.values():
            if other is not claim and other.state == "reserved" and other.until <= self.clock.now():
                other.held -= set(wanting)
        claim.held = set(claim.lines)
        return True

    def reserve(self, order, lines):
        claim = self.claims.get(order)
        if claim is None:
            claim = Claim("reserved", lines)
        elif claim.state == "released" or claim.lines != lines:
            return "conflict"
        elif claim.state == "committed" or claim.until > self.clock.now():
            return claim.state
        if not self.hold(claim):
            return "out-of-stock"
        claim.until = self.clock.now() + self.clock.reserve_for
        self.claims[order] = claim
        return "reserved"

    def commit(self, order):
        claim = self.claims.get(order)
        if claim is None:
            return "not-found"
        if claim.state != "reserved":
            return "conflict" if claim.state == "released" else "committed"
        if not self.hold(claim):
            return "out-of-stock"
        for sku, quantity in claim.lines.items():
            self.on_hand[sku] -= quantity
        claim.state, claim.held = "committed", set()
        return "committed"

    def release(self, order):
        claim = self.claims.setdefault(order, Claim("released", {}))
        if claim.state == "committed":
            return "conflict"
        claim.state, claim.held = "released", set()
        return "released"

    def lapse(self, order):
        claim = self.claims.get(order)
        if claim is not None and claim.state == "reserved":
            claim.held, claim.until = set(), min(claim.until, self.clock.now())

    def held(self):
        live = (claim for claim in self.claims.values() if claim.held and claim.until > self.clock.now())
        totals = Counter()
        for claim in live:
            totals.update({sku: claim.lines[sku] for sku in claim.held})
        return dict(totals)


async def _restock(database):
    async with database.connection() as connection:
        await connection.execute(text("DELETE FROM catalog_reservation_line"))
        await connection.execute(text("DELETE FROM catalog_reservation"))
        await connection.execute(text("UPDATE catalog_product SET on_hand = initial, reserved = 0"))


async def _answer(call):
    try:
        return (await call).state
    except ShopError as error:
        return error.code


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(steps, max_size=14))
@pytest.mark.slow
async def test_every_sequence_of_orders_does_what_the_model_does(catalog, database, clock, script):
    await _restock(database)
    shelf = Shelf(clock)
    for verb, order, wanted in script:
        lines = wanted or (shelf.claims[order].lines if order in shelf.claims else None)
        if verb == "expire":
            clock.expire()
        elif verb.startswith("reserve"):
            if lines:
                answer = await _answer(catalog.reserve(order, [StockLine(sku=s, quantity=q) for s, q in lines.items()]))
                assert answer == shelf.reserve(order, lines)
        elif verb == "lapse":
            await catalog.lapse(order)
            shelf.lapse(order)
        else:
            assert await _answer(getattr(catalog, verb)(order)) == getattr(shelf, verb)(order)

        products = await catalog.get_many(sorted(STOCK))
        assert {product.sku: product.available for product in products} == {
            sku: shelf.on_hand[sku] - shelf.reserved(sku) for sku in STOCK
        }
        assert {total.sku: total.quantity for total in await catalog.held(ORDERS)} == shelf.held()
        audit = await catalog.audit()
        assert audit.initial == audit.on_hand + audit.sold
        assert audit.reserved == sum(shelf.reserved(sku) for sku in STOCK)
        assert 0 <= audit.reserved <= audit.on_hand
        assert audit.lowest_available >= 0
        assert audit.open_reservations == sum(
            claim.state == "reserved" and claim.until > clock.now() for claim in shelf.claims.values()
        )
        assert audit.sold == sum(STOCK.values()) - sum(shelf.on_hand.values())
