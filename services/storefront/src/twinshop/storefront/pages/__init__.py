"""The shop for people: server-rendered pages that work without JavaScript, and fragments of them for htmx."""

from fastapi import APIRouter

from twinshop.storefront.pages import api_docs, browse, cart, checkout, miscellaneous, orders
from twinshop.storefront.pages.page_context import PageContext


def routers(context: PageContext) -> list[APIRouter]:
    """None of them is in the OpenAPI document, which is for programs."""
    shopping = [part.router(context) for part in (browse, cart, checkout, orders, miscellaneous)]
    return [*shopping, api_docs.router()]
