"""The shop for people: server-rendered pages that work without JavaScript, and fragments of them for htmx."""

from fastapi import APIRouter

from twinshop.storefront.pages import browse, cart, checkout, orders, site
from twinshop.storefront.pages.desk import Desk


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    for part in (browse, cart, checkout, orders, site):
        routes.include_router(part.router(desk))
    return routes
