"""The shop for people: server-rendered pages that work without JavaScript, and fragments of them for htmx."""

from fastapi import APIRouter

from twinshop.storefront.pages import browse, cart, checkout, orders, site
from twinshop.storefront.pages.desk import Desk


def routers(desk: Desk) -> list[APIRouter]:
    """None of them is in the OpenAPI document, which is for programs."""
    return [part.router(desk) for part in (browse, cart, checkout, orders, site)]
