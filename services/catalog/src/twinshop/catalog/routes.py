"""The catalogue over HTTP: parse, call, return."""

from typing import Annotated

from fastapi import APIRouter, Query

from twinshop.contracts.catalog import (
    MAX_PAGE_SIZE,
    Catalog,
    Category,
    Product,
    ProductPage,
    ProductQuery,
    Reservation,
    StockAudit,
    StockLine,
    StockTotal,
)
from twinshop.contracts.errors import Conflict, Invalid, NotFound, OutOfStock, TooLarge, Unavailable
from twinshop.contracts.values import OpaqueId, Sku, Value
from twinshop.kit import problems


class Skus(Value):
    skus: tuple[str, ...]


class Lines(Value):
    lines: tuple[StockLine, ...]


class Orders(Value):
    orders: tuple[OpaqueId, ...]


def router(catalog: Catalog) -> APIRouter:  # noqa: C901 - a list of routes
    """The operations of the port; the two that only read one thing are for people."""
    routes = APIRouter(prefix="/catalog", tags=["catalog"], responses=problems.documented(Invalid, Unavailable))

    @routes.post("/search", responses=problems.documented(NotFound))
    async def search_products(query: ProductQuery) -> ProductPage:
        """One page of products, with all categories."""
        return await catalog.search(query)

    @routes.post("/products", responses=problems.documented(TooLarge))
    async def get_products(body: Skus) -> tuple[Product, ...]:
        """The products in the order asked for; unknown ones are left out."""
        return await catalog.get_many(body.skus)

    @routes.get("/products/{sku}", responses=problems.documented(NotFound))
    async def get_product(sku: Sku) -> Product:
        """One product."""
        for product in await catalog.get_many([sku]):
            return product
        raise NotFound("There is no such product in the shop.", skus=[sku])

    @routes.get("/products/{sku}/related")
    async def get_with_related(
        sku: Sku, count: Annotated[int, Query(ge=0, lt=MAX_PAGE_SIZE, description="How many others")] = 4
    ) -> tuple[Product, ...]:
        """One product and after it others of its category; none for an unknown one."""
        return await catalog.get_with_related(sku, count)

    @routes.get("/categories")
    async def get_categories() -> tuple[Category, ...]:
        """All categories, each with the number of its products."""
        return (await catalog.search(ProductQuery(size=1))).categories

    @routes.put("/reservations/{order_id}", responses=problems.documented(NotFound, Conflict, OutOfStock, TooLarge))
    async def reserve_stock(order_id: OpaqueId, body: Lines) -> Reservation:
        """Set stock aside for an order: all lines or none. Made once, however often it is asked for."""
        return await catalog.reserve(order_id, body.lines)

    @routes.post("/reservations/{order_id}/commit", responses=problems.documented(NotFound, Conflict, OutOfStock))
    async def commit_stock(order_id: OpaqueId) -> Reservation:
        """Take the reserved stock off the shelf for good."""
        return await catalog.commit(order_id)

    @routes.post("/reservations/{order_id}/release", responses=problems.documented(Conflict))
    async def release_stock(order_id: OpaqueId) -> Reservation:
        """Give the reserved stock back; an order that never reserved will then be refused."""
        return await catalog.release(order_id)

    @routes.post("/reservations/{order_id}/lapse", status_code=204)
    async def lapse_reservation(order_id: OpaqueId) -> None:
        """Let the reservation run out now; the order may take the pieces again if they are left."""
        await catalog.lapse(order_id)

    @routes.post("/held", responses=problems.documented(TooLarge))
    async def held_stock(body: Orders) -> tuple[StockTotal, ...]:
        """How many pieces of each product these orders hold now."""
        return await catalog.held(body.orders)

    @routes.get("/audit")
    async def audit_stock() -> StockAudit:
        """The stock of all products added up."""
        return await catalog.audit()

    return routes
