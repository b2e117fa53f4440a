"""The app factory: it turns any set of components into one FastAPI application."""

import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI

from twinshop.kit import faults, health, problems, startup, tracing
from twinshop.kit.component import Component
from twinshop.kit.edge import Edge
from twinshop.kit.imports import absent
from twinshop.kit.routing import App
from twinshop.kit.settings import CallerSettings, ServerSettings


def create_app(
    components: Sequence[Component[Any]],
    server: ServerSettings,
    *,
    title: str,
    description: str = "",
    render: problems.Renderer = problems.as_json,
    document: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    served: Sequence[Component[Any]] | None = None,
    public: bool = False,
) -> FastAPI:
    """
    Put components behind HTTP.

    Their `running` contexts open in the order given and close in reverse. Their routes become the app's own: the
    lifespan of a mounted app does not run, and FastAPI builds every route of an included router a second time. `render`
    turns errors into answers. `document` gives the OpenAPI document as it is served, from the one that the routes make,
    each time it is asked for. `served` are the components whose routes can be reached from outside the process: all of
    them, unless the others are there only to be called by these. Unless they are `public`, only who has the key of
    `TWINSHOP_CALL_KEY` may call them.
    """
    startup.reached("imported")
    tracing.begin([component.name for component in components], server.shape)
    control = faults.control(components, render)
    if control is not None:
        render = control.render

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        async with AsyncExitStack() as stack:
            stack.callback(tracing.end)
            if control is not None:
                stack.enter_context(control.watching())
            for component in components:
                await stack.enter_async_context(component.running())
            if not gc.isenabled():  # `serve` switched it off for the start
                gc.freeze()  # what is there now stays: no collection needs to look at it again
                gc.enable()
            startup.reached("initialised")
            yield

    app = App(
        title=title,
        description=description,
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's page loads its script from the internet; the storefront serves one of its own
        redoc_url=None,
        redirect_slashes=False,
    )
    if document is not None:
        made = app.openapi
        app.openapi = lambda: document(made())  # type: ignore[method-assign] # FastAPI's own way to change it
    problems.install(app, render)
    with absent("pydantic.v1"):  # FastAPI asks of every annotation whether it is one of those
        routers = [health.router(components)]
        routers += [] if control is None else [control.router()]
        routers += [component.router() for component in (components if served is None else served)]
    for router in routers:
        app.router.routes.extend(router.routes)
    caller = None if public else CallerSettings().header()
    app.add_middleware(Edge, server=server, render=render, caller=caller)
    if tracing.spans is not None:
        from twinshop.kit.spans import TracedRequests  # noqa: PLC0415 - a process without traces does not import it

        app.add_middleware(TracedRequests, tracer=tracing.spans.tracer)
    return app
