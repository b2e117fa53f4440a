"""The shop for programs: what the pages do, as JSON under `/api`, described at `/docs`."""

from fastapi import APIRouter

from twinshop.contracts.values import Value
from twinshop.storefront.api import cart, catalog, orders
from twinshop.storefront.api.visiting import Private
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import Visitors


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


def routers(shop: Shop, visitors: Visitors, shape: str) -> list[APIRouter]:
    """Each with its whole prefix, so that its routes can be served as they are."""
    routes = APIRouter(dependencies=[Private])

    @routes.get("/api", tags=["catalogue"])
    async def index() -> Index:
        """Where things are."""
        return Index()

    return [routes, catalog.router(shop, shape), cart.router(shop, visitors), orders.router(shop, visitors)]
