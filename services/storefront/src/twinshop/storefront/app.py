"""The storefront as a component, and as the app of its own process."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI

from twinshop.contracts.components import CALLED, COMPONENTS
from twinshop.kit import app as kit_app
from twinshop.kit import problems
from twinshop.kit.client import ClientSettings, connect
from twinshop.kit.component import Component
from twinshop.kit.faults import exposed_calls
from twinshop.kit.settings import ServerSettings
from twinshop.storefront import api, pages
from twinshop.storefront.api.description import DESCRIPTION, with_new_key
from twinshop.storefront.orders.resume import resuming
from twinshop.storefront.pages.page_context import PageContext
from twinshop.storefront.pages.problem_page import renderer
from twinshop.storefront.pages.templates import Templates
from twinshop.storefront.settings import StorefrontSettings
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import Visitors
from twinshop.storefront.wiring import remote_shop

TITLE = "Twinshop"


@dataclass(frozen=True, slots=True)
class Storefront:
    """`render` turns errors into pages, or problem documents under `/api`."""

    component: Component[Shop]
    render: problems.Renderer


def build(
    shop: Shop,
    settings: StorefrontSettings,
    shape: str,
    connections: AbstractAsyncContextManager[object] | None = None,
) -> Storefront:
    """Put the pages and the API over a shop. `connections` is what it calls through, closed at the end."""
    shop = exposed_calls("storefront", shop, *(COMPONENTS[name].port for name in CALLED))
    visitors = Visitors(settings)
    context = PageContext(shop, visitors, Templates(), shape, settings.framed_by, settings.other_shape_url)

    def router() -> APIRouter:
        routes = APIRouter()
        for part in (*api.routers(shop, visitors, shape), *pages.routers(context)):
            routes.routes.extend(part.routes)
        return routes

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(connections or nullcontext())
            await stack.enter_async_context(resuming(shop, settings.resume_seconds))
            yield

    async def ready() -> None:
        """Nothing of its own to wait for: components that are down degrade pages, they do not stop them."""

    return Storefront(Component("storefront", shop, router, running, ready), renderer(context))


def create_app() -> FastAPI:
    """The storefront alone; uvicorn's factory."""
    settings, server, calls = StorefrontSettings(), ServerSettings(), ClientSettings()
    http = connect(calls)
    front = build(remote_shop(settings, calls, http), settings, server.shape, http)
    return kit_app.create_app(
        [front.component],
        server,
        title=TITLE,
        description=DESCRIPTION,
        render=front.render,
        document=with_new_key,
        public=True,
    )
