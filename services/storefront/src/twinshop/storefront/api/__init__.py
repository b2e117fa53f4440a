"""The shop for programs: what the pages do, as JSON under `/api`, described at `/docs`."""

from fastapi import APIRouter, Depends, Response

from twinshop.storefront.api import cart, catalog, orders
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import Visitors

PRIVATE = {"cache-control": "no-store", "vary": "Cookie, Accept-Language", "x-content-type-options": "nosniff"}


async def private(response: Response) -> None:
    """What is answered is the visitor's, in the visitor's language: no cache is to give it to another."""
    response.headers.update(PRIVATE)


def router(shop: Shop, visitors: Visitors, shape: str) -> APIRouter:
    routes = APIRouter(prefix="/api", dependencies=[Depends(private)])
    routes.include_router(catalog.router(shop, shape))
    routes.include_router(cart.router(shop, visitors))
    routes.include_router(orders.router(shop, visitors))
    return routes
