"""The catalogue's port: what is asked is checked here, then done in one transaction."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from twinshop.catalog import products, search, stock
from twinshop.catalog.audit import audit
from twinshop.contracts.catalog import (
    MAX_ORDERS,
    MAX_PAGE_SIZE,
    MAX_SKUS,
    Product,
    ProductPage,
    ProductQuery,
    Reservation,
    StockAudit,
    StockLine,
    StockTotal,
)
from twinshop.contracts.errors import Invalid, TooLarge
from twinshop.contracts.values import MAX_LINES, OpaqueId
from twinshop.kit.database import Database

_ORDER_ID: TypeAdapter[str] = TypeAdapter(OpaqueId)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class CatalogService:
    """`reserve_for` is how long a reservation holds its stock; `now` tells the time."""

    def __init__(self, database: Database, *, reserve_for: timedelta, now: Callable[[], datetime] = _utc_now) -> None:
        self._database = database
        self._reserve_for = reserve_for
        self._now = now

    async def search(self, query: ProductQuery) -> ProductPage:
        now = self._now()
        return await self._database.reading(lambda reader: search.page(reader, query, now))

    async def get_many(self, skus: Sequence[str]) -> tuple[Product, ...]:
        if len(skus) > MAX_SKUS:
            raise TooLarge(f"At most {MAX_SKUS} products at once.", limit=MAX_SKUS)
        storable = [sku for sku in skus if "\0" not in sku]  # PostgreSQL refuses it even in a question
        if not storable:
            return ()
        now = self._now()
        found = await self._database.reading(lambda reader: products.by_sku(reader, storable, now))
        return tuple(found[sku] for sku in skus if sku in found)

    async def get_with_related(self, sku: str, related: int) -> tuple[Product, ...]:
        if related >= MAX_PAGE_SIZE:
            raise TooLarge(f"At most {MAX_PAGE_SIZE} products at once.", limit=MAX_PAGE_SIZE)
        if "\0" in sku:
            return ()
        now = self._now()
        return await self._database.reading(lambda reader: search.with_related(reader, sku, related, now))

    async def reserve(self, order_id: str, lines: Sequence[StockLine]) -> Reservation:
        _check_order(order_id)
        _check_lines(lines)
        now = self._now()
        return await self._database.writing(
            lambda writer: stock.reserve(writer, order_id, lines, now, self._reserve_for)
        )

    async def commit(self, order_id: str) -> Reservation:
        _check_order(order_id)
        now = self._now()
        return await self._database.writing(lambda writer: stock.commit(writer, order_id, now))

    async def release(self, order_id: str) -> Reservation:
        _check_order(order_id)
        now = self._now()
        return await self._database.writing(lambda writer: stock.release(writer, order_id, now))

    async def lapse(self, order_id: str) -> None:
        _check_order(order_id)
        now = self._now()
        await self._database.writing(lambda writer: stock.lapse(writer, order_id, now))

    async def held(self, order_ids: Sequence[str]) -> tuple[StockTotal, ...]:
        if len(order_ids) > MAX_ORDERS:
            raise TooLarge(f"At most {MAX_ORDERS} orders at once.", limit=MAX_ORDERS)
        for order_id in order_ids:
            _check_order(order_id)
        now = self._now()
        return await self._database.reading(lambda reader: stock.held(reader, order_ids, now))

    async def audit(self) -> StockAudit:
        async with self._database.read() as session:
            return await audit(session, self._now())


def _check_order(order_id: str) -> None:
    """Over HTTP this is checked on arrival; a caller in the process gets the same answer."""
    try:
        _ORDER_ID.validate_python(order_id)
    except ValidationError as error:
        raise Invalid("This is no order id: 16 to 64 letters, digits, dashes and underscores.") from error


def _check_lines(lines: Sequence[StockLine]) -> None:
    if not lines:
        raise Invalid("There is nothing to reserve.")
    if len(lines) > MAX_LINES:
        raise TooLarge(f"At most {MAX_LINES} products in one order.", limit=MAX_LINES)
    if len({line.sku for line in lines}) < len(lines):
        raise Invalid("A product is listed twice.")
