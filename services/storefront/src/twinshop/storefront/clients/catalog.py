"""The catalogue over HTTP."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from twinshop.contracts.catalog import (
    Product,
    ProductPage,
    ProductQuery,
    Reservation,
    StockAudit,
    StockLine,
    StockTotal,
)
from twinshop.kit.client import Remote, segment

_PAGE = TypeAdapter(ProductPage)
_RESERVATION = TypeAdapter(Reservation)
_AUDIT = TypeAdapter(StockAudit)
_PRODUCTS = TypeAdapter(tuple[Product, ...])
_TOTALS = TypeAdapter(tuple[StockTotal, ...])
_TEXTS = TypeAdapter(dict[str, tuple[str, ...]])
_LINES = TypeAdapter(dict[str, tuple[StockLine, ...]])


class HttpCatalog:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    async def search(self, query: ProductQuery) -> ProductPage:
        body = query.model_dump_json(exclude_defaults=True).encode()
        return await self._remote.read(_PAGE, "POST", "/catalog/search", body)

    async def get_many(self, skus: Sequence[str]) -> tuple[Product, ...]:
        body = _TEXTS.dump_json({"skus": tuple(skus)})
        return await self._remote.read(_PRODUCTS, "POST", "/catalog/products", body)

    async def get_with_related(self, sku: str, related: int) -> tuple[Product, ...]:
        return await self._remote.read(_PRODUCTS, "GET", f"/catalog/products/{segment(sku)}/related?count={related}")

    async def reserve(self, order_id: str, lines: Sequence[StockLine]) -> Reservation:
        body = _LINES.dump_json({"lines": tuple(lines)})
        return await self._remote.read(_RESERVATION, "PUT", f"/catalog/reservations/{segment(order_id)}", body)

    async def commit(self, order_id: str) -> Reservation:
        return await self._remote.read(_RESERVATION, "POST", f"/catalog/reservations/{segment(order_id)}/commit")

    async def release(self, order_id: str) -> Reservation:
        return await self._remote.read(_RESERVATION, "POST", f"/catalog/reservations/{segment(order_id)}/release")

    async def lapse(self, order_id: str) -> None:
        await self._remote.call("POST", f"/catalog/reservations/{segment(order_id)}/lapse")

    async def held(self, order_ids: Sequence[str]) -> tuple[StockTotal, ...]:
        body = _TEXTS.dump_json({"orders": tuple(order_ids)})
        return await self._remote.read(_TOTALS, "POST", "/catalog/held", body)

    async def audit(self) -> StockAudit:
        return await self._remote.read(_AUDIT, "GET", "/catalog/audit")
