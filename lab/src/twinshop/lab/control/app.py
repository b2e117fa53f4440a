"""The control room over HTTP: one page, one stream of events, and what the page's buttons send."""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field, SecretStr
from starlette.middleware.trustedhost import TrustedHostMiddleware

from twinshop.contracts.errors import Forbidden, Invalid
from twinshop.kit import problems
from twinshop.lab.control import export
from twinshop.lab.control.board import LONGEST_SECONDS
from twinshop.lab.control.errors import RefusedError
from twinshop.lab.control.room import Room
from twinshop.lab.control.runs import Effect

STATIC = Path(__file__).parent / "static"
LOOPBACK = ["127.0.0.1", "localhost"]
"""Names under which the page may be asked for: another one that leads here (DNS rebinding) is refused."""
MOST_SHOPPERS = 50
MOST_REPLICAS = 4


class NewFault(BaseModel):
    kind: str
    component: str
    seconds: float = Field(gt=0, le=LONGEST_SECONDS)
    predictions: dict[Literal["mono", "micro"], Effect] = Field(default_factory=dict)


class Load(BaseModel):
    rate: float = Field(ge=0, le=MOST_SHOPPERS)


class Scaling(BaseModel):
    component: str
    replicas: int = Field(ge=1, le=MOST_REPLICAS)


class Patching(BaseModel):
    component: str


class Seed(BaseModel):
    seed: int = Field(ge=0, lt=10**9)


def create_app(room: Room, token: SecretStr) -> FastAPI:
    """
    Return the app of the control room. The room is open as long as the app runs.

    The page and the stream of events need the token in their address. Every change needs it in a header, which no
    other site can send, and no change is a GET request.
    """

    def same(offered: str) -> bool:
        return hmac.compare_digest(offered.encode(), token.get_secret_value().encode())

    async def viewer(token: Annotated[str, Query()] = "") -> None:
        if not same(token):
            raise Forbidden("Open the address that `make demo` printed: it holds the token.")

    async def operator(authorization: Annotated[str, Header()] = "") -> None:
        if not same(authorization.removeprefix("Bearer ")):
            raise Forbidden("The token is missing or wrong.")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        async with room.running():
            yield

    async def refused(request: Request, error: Exception) -> Response:
        return await problems.as_json(request, problems.from_error(Invalid(str(error))))

    app = FastAPI(title="Twinshop control room", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    problems.install(app, problems.as_json)
    app.add_exception_handler(RefusedError, refused)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.include_router(_views(room), dependencies=[Depends(viewer)])
    app.include_router(_changes(room), dependencies=[Depends(operator)])
    return app


def _views(room: Room) -> APIRouter:
    routes = APIRouter()

    @routes.get("/")
    async def page() -> Response:
        shops = " ".join(shop.url for shop in room.shops.values())
        policy = f"default-src 'self'; img-src 'self' data:; frame-src {shops}; frame-ancestors 'none'; base-uri 'none'"
        headers = {"content-security-policy": policy, "referrer-policy": "no-referrer", "cache-control": "no-store"}
        return FileResponse(STATIC / "index.html", headers=headers)

    @routes.get("/events", response_class=EventSourceResponse)
    async def events() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(event="setup", data=room.setup())
        async for tick in room.ticks():
            yield ServerSentEvent(event="tick", data=tick)

    @routes.get("/run.csv")
    async def table() -> Response:
        run, seconds, _ = room.last_run()
        return _file(export.as_csv(seconds, run.since).encode(), run.title, "csv")

    @routes.get("/run.png")
    async def picture() -> Response:
        run, seconds, title = room.last_run()
        until = time.time() if run.until is None else run.until
        drawn = await asyncio.to_thread(export.as_png, seconds, run.since, until, title)
        return _file(drawn, run.title, "png")

    return routes


def _file(content: bytes, title: str, kind: Literal["csv", "png"]) -> Response:
    """To be saved under the name of the fault."""
    name = f"{title.lower().replace(' ', '-')}.{kind}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, headers=headers, media_type={"csv": "text/csv", "png": "image/png"}[kind])


def _changes(room: Room) -> APIRouter:
    routes = APIRouter()

    @routes.post("/faults")
    async def plant(fault: NewFault) -> Response:
        predictions = {str(shop): effect for shop, effect in fault.predictions.items()}
        return JSONResponse({"id": await room.plant(fault.kind, fault.component, fault.seconds, predictions)}, 201)

    @routes.delete("/faults", status_code=204)
    async def revert_all() -> None:
        await room.revert(None)

    @routes.delete("/faults/{number}", status_code=204)
    async def revert(number: int) -> None:
        await room.revert(number)

    @routes.post("/load", status_code=204)
    async def load(wanted: Load) -> None:
        await room.set_rate(wanted.rate)

    @routes.post("/order")
    async def order() -> Response:
        return JSONResponse(await room.order())

    @routes.post("/scale", status_code=204)
    async def scale(wanted: Scaling) -> None:
        await room.scale(wanted.component, wanted.replicas)

    @routes.post("/patch", status_code=204)
    async def patch(wanted: Patching) -> None:
        await room.patch(wanted.component)

    @routes.post("/schedule", status_code=204)
    async def start_schedule(wanted: Seed) -> None:
        await room.start_schedule(wanted.seed)

    @routes.delete("/schedule", status_code=204)
    async def stop_schedule() -> None:
        await room.stop_schedule()

    return routes
