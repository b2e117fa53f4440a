"""The shop for programs: what the pages do, as JSON under `/api`, described at `/docs`."""

from fastapi import APIRouter, Depends, Response

from twinshop.storefront.api import cart, catalog, orders
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import PRIVATE, Visitors


async def private(response: Response) -> None:
    """On every answer."""
    response.headers.update(PRIVATE)


def router(shop: Shop, visitors: Visitors, shape: str) -> APIRouter:
    routes = APIRouter(prefix="/api", dependencies=[Depends(private)])
    routes.include_router(catalog.router(shop, shape))
    routes.include_router(cart.router(shop, visitors))
    routes.include_router(orders.router(shop, visitors))
    return routes
