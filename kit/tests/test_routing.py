"""The way from the edge to a route: which route it is, and what becomes of its errors."""

from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, Request, UploadFile

from twinshop.contracts.errors import Conflict, NotFound
from twinshop.contracts.values import Sku
from twinshop.kit.app import create_app
from twinshop.kit.component import Component
from twinshop.kit.settings import ServerSettings

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def running():
    yield


async def ready(): ...


def app_of(routes):
    return create_app([Component("probe", None, lambda: routes, running, ready)], ServerSettings(), title="Probe")


@pytest.fixture
def events():
    return []


@pytest.fixture
async def client(events):
    routes = APIRouter()

    @routes.get("/things/new")
    async def new() -> str:
        return "new"

    @routes.get("/things/{sku}")
    async def thing(sku: Sku, request: Request) -> dict[str, str]:
        if sku == "gone":
            raise NotFound("It is gone.")
        return {"sku": sku, "route": request.scope["route"].path, "of": request.path_params["sku"]}

    @routes.get("/things/late")
    async def late() -> str:
        return "never: the one before has it"

    @routes.post("/things/{sku}")
    async def change(sku: Sku) -> str:
        raise Conflict(f"{sku} is in use.")

    @routes.get("/files/{path:path}")
    async def file(path: str) -> str:
        return path

    @routes.post("/upload")
    async def upload(file: UploadFile, request: Request) -> int:
        request.scope["fastapi_middleware_astack"].callback(events.append, "closed")
        return len(await file.read())

    async def resource():
        events.append("opened")
        yield 5
        events.append("given back")

    @routes.get("/resource")
    async def use(value: Annotated[int, Depends(resource)]) -> int:
        events.append("used")
        return value

    transport = httpx.ASGITransport(app_of(routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://probe") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/things/new", "new"),
        ("/things/A-1", {"sku": "A-1", "route": "/things/{sku}", "of": "A-1"}),
        ("/things/late", {"sku": "late", "route": "/things/{sku}", "of": "late"}),
        ("/files/a/b.txt", "a/b.txt"),
    ],
)
async def test_the_first_route_that_matches_answers(client, path, answer):
    assert (await client.get(path)).json() == answer


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/things/gone", 404, "not-found"),
        ("POST", "/things/A-1", 409, "conflict"),
        ("GET", "/things/%20", 422, "invalid-request"),
        ("GET", "/nowhere", 404, "not-found"),
        ("DELETE", "/things/A-1", 405, "method-not-allowed"),
        ("POST", "/things/new", 409, "conflict"),
    ],
)
async def test_every_error_is_a_problem(client, method, path, status, code):
    answer = await client.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


async def test_a_route_gives_back_what_its_dependencies_opened(client, events):
    assert (await client.get("/resource")).json() == 5
    assert events == ["opened", "used", "given back"]


async def test_an_upload_is_read_and_closed(client, events):
    assert (await client.post("/upload", files={"file": b"12345"})).json() == 5
    assert events == ["closed"]


async def test_a_head_is_answered_as_a_get_without_a_body(client):
    answer = await client.head("/things/new")

    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "5")


async def test_the_document_of_the_routes_is_served(client):
    assert {"/things/new", "/things/{sku}", "/files/{path}"} <= {*(await client.get("/openapi.json")).json()["paths"]}
