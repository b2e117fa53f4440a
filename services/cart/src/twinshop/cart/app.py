"""How the cart is put together: the one place that names its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from twinshop.cart import routes
from twinshop.cart.service import CartService
from twinshop.cart.settings import CartSettings
from twinshop.cart.store import RedisCartStore
from twinshop.contracts.cart import Carts
from twinshop.kit import app
from twinshop.kit.component import Component
from twinshop.kit.faults import exposed
from twinshop.kit.settings import ServerSettings


def build(settings: CartSettings | None = None) -> Component[Carts]:
    """The component, with settings from the environment unless given. Nothing connects yet."""
    settings = settings or CartSettings()
    store = RedisCartStore(settings)
    service = exposed("cart", CartService(store))

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        # Nothing to open: a shop whose Redis is away starts all the same, and tells so at /readyz.
        try:
            yield
        finally:
            await store.close()

    return Component("cart", service, partial(routes.router, service), running, store.ping)


def create_app() -> FastAPI:
    """The cart alone in a process."""
    return app.create_app([build()], ServerSettings(), title="Twinshop cart")
