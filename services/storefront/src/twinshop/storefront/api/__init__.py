"""The shop for programs: what the pages do, as JSON under `/api`, described at `/docs`."""

from fastapi import APIRouter, Depends, Response

from twinshop.contracts.values import Value
from twinshop.storefront.api import cart, catalog, orders
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import PRIVATE, Visitors


async def private(response: Response) -> None:
    """On every answer."""
    response.headers.update(PRIVATE)


class Index(Value):
    """Where things are: paths, with variables as in RFC 6570."""

    documentation: str = "/docs"
    openapi: str = "/openapi.json"
    shape: str = "/api/shape"
    products: str = "/api/products{?q,category,sort,page,size,lang}"
    product: str = "/api/products/{sku}{?lang}"
    translate: str = "/api/translate"
    cart: str = "/api/cart"
    cart_lines: str = "/api/cart/lines"
    cart_line: str = "/api/cart/lines/{sku}"
    orders: str = "/api/orders"
    order: str = "/api/orders/{order_id}"


def router(shop: Shop, visitors: Visitors, shape: str) -> APIRouter:
    routes = APIRouter(prefix="/api", dependencies=[Depends(private)])

    @routes.get("", tags=["catalogue"])
    async def index() -> Index:
        """Where things are."""
        return Index()

    routes.include_router(catalog.router(shop, shape))
    routes.include_router(cart.router(shop, visitors))
    routes.include_router(orders.router(shop, visitors))
    return routes
