"""`/livez`, `/readyz` and `/metrics` of a process."""

import asyncio
import logging
from collections.abc import Sequence

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from twinshop.contracts.errors import ShopError
from twinshop.kit import code, metrics
from twinshop.kit.component import Component

READY_SECONDS = 2.0
"""Seconds within which the dependencies of a component must answer."""

log = logging.getLogger(__name__)


async def _state(component: Component[object]) -> str:
    try:
        async with asyncio.timeout(READY_SECONDS):
            await component.ready()
    except TimeoutError:
        return "does not answer"
    except ShopError as error:
        return error.detail
    except Exception:
        log.exception("readiness check of %s failed", component.name)
        return "failed"
    return "ready"


def router(components: Sequence[Component[object]]) -> APIRouter:
    """The three routes; none of them is in the OpenAPI document, which belongs to the shop."""
    routes = APIRouter(include_in_schema=False)
    running = code.digest()  # now: the files may change while the process runs, what it runs does not

    @routes.get("/livez")
    async def livez() -> Response:
        return JSONResponse({"status": "alive", "code": running})

    @routes.get("/readyz")
    async def readyz() -> Response:
        states = await asyncio.gather(*(_state(component) for component in components))
        ready = all(state == "ready" for state in states)
        names = (component.name for component in components)
        return JSONResponse(
            {"status": "ready" if ready else "not ready", "components": dict(zip(names, states, strict=True))},
            status_code=200 if ready else 503,
        )

    @routes.get("/metrics")
    async def exposition() -> Response:
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)

    return routes
