"""The catalogue over HTTP."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from twinshop.contracts.catalog import Product, ProductPage, ProductQuery, Reservation, StockAudit, StockLine
from twinshop.kit.client import Remote, segment

_PRODUCTS = TypeAdapter(tuple[Product, ...])
_SKUS = TypeAdapter(dict[str, tuple[str, ...]])
_LINES = TypeAdapter(dict[str, tuple[StockLine, ...]])


class HttpCatalog:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    async def search(self, query: ProductQuery) -> ProductPage:
        body = query.model_dump_json(exclude_defaults=True).encode()
        return ProductPage.model_validate_json(await self._remote.call("POST", "/catalog/search", body))

    async def get_many(self, skus: Sequence[str]) -> tuple[Product, ...]:
        body = _SKUS.dump_json({"skus": tuple(skus)})
        return _PRODUCTS.validate_json(await self._remote.call("POST", "/catalog/products", body))

    async def reserve(self, order_id: str, lines: Sequence[StockLine]) -> Reservation:
        body = _LINES.dump_json({"lines": tuple(lines)})
        answer = await self._remote.call("PUT", f"/catalog/reservations/{segment(order_id)}", body)
        return Reservation.model_validate_json(answer)

    async def commit(self, order_id: str) -> Reservation:
        answer = await self._remote.call("POST", f"/catalog/reservations/{segment(order_id)}/commit")
        return Reservation.model_validate_json(answer)

    async def release(self, order_id: str) -> Reservation:
        answer = await self._remote.call("POST", f"/catalog/reservations/{segment(order_id)}/release")
        return Reservation.model_validate_json(answer)

    async def audit(self) -> StockAudit:
        return StockAudit.model_validate_json(await self._remote.call("GET", "/catalog/audit"))
