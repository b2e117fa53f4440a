"""The way from the edge to a route: which route it is, and what becomes of its errors."""

from contextlib import asynccontextmanager
from datetime import date
from inspect import signature
from typing import Annotated, Literal

import httpx
import pytest
from fastapi import APIRouter, Depends, Form, Path, Query, Request, UploadFile
from fastapi.dependencies.models import Dependant
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from twinshop.contracts.errors import Conflict, NotFound
from twinshop.contracts.values import Sku
from twinshop.kit.app import create_app
from twinshop.kit.component import Component
from twinshop.kit.routing import Direct, Short
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

    @routes.get("/stream")
    async def stream(value: Annotated[int, Depends(resource)]) -> StreamingResponse:
        async def parts():
            events.append("sent")
            yield str(value)

        return StreamingResponse(parts())

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


async def test_what_a_dependency_opened_stays_open_until_the_answer_is_sent(client, events):
    assert (await client.get("/stream")).text == "5"
    assert events == ["opened", "sent", "given back"]


async def test_an_upload_is_read_and_closed(client, events):
    assert (await client.post("/upload", files={"file": b"12345"})).json() == 5
    assert events == ["closed"]


async def test_a_head_is_answered_as_a_get_without_a_body(client):
    answer = await client.head("/things/new")

    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "5")


async def test_the_document_of_the_routes_is_served(client):
    assert {"/things/new", "/things/{sku}", "/files/{path}"} <= {*(await client.get("/openapi.json")).json()["paths"]}


class Part(BaseModel):
    name: str = Field(max_length=5)
    pieces: int = 1
    code: SecretStr | None = None


class Renamed(BaseModel):
    name: str = Field(alias="Name")


class Exact(BaseModel):
    model_config = ConfigDict(strict=True)
    on: date


class Strict(BaseModel):
    until: Exact


def add_what_is_not_short(routes):
    @routes.post("/renamed", response_model_by_alias=False)
    async def renamed(part: Renamed) -> Renamed:
        return part

    @routes.post("/form")
    async def form(part: Annotated[Part, Form()]) -> Part:
        return part

    @routes.post("/strict")
    async def strict(part: Strict) -> Strict:
        return part

    @routes.post("/small", max_body_size=10)
    async def small(part: Part) -> Part:
        return part

    @routes.get("/aliases")
    async def aliases(one: Annotated[str, Query(validation_alias="uno")] = "none") -> str:
        return one


@pytest.fixture
def apps():
    """The same routes twice: called past FastAPI's handlers, and through them."""

    def made(calls):
        routes = APIRouter()

        @routes.post("/parts/{sku}/{number}")
        async def add(sku: Sku, number: Annotated[int, Path(ge=1)], part: Part) -> dict[str, Part | int]:
            calls.append(sku)
            if part.name == "gone":
                raise NotFound("It is gone.")
            return {sku: part, "number": number}

        @routes.get("/parts/{sku}")
        async def get(sku: Sku) -> Part:
            return Other(name=sku[:3])

        @routes.get("/parts")
        async def find(
            size: Annotated[int, Query(ge=1)],
            page: Annotated[int, Query(alias="p", ge=1)] = 1,
            sort: Literal["name", "price"] = "name",
        ) -> list[str | int]:
            return [size, page, sort]

        add_what_is_not_short(routes)

        @routes.get("/page/{sku}")
        async def page(request: Request, sku: Sku) -> Response:
            return HTMLResponse(f"{sku} {request.query_params}", 203, {"x-page": "1"})

        return app_of(routes)

    class Other:
        """Has what a part has."""

        def __init__(self, name):
            self.name, self.pieces = name, 7

    return made


ASKED = [
    ("POST", "/renamed", b'{"Name": "lid"}', "application/json"),
    ("POST", "/form", b'{"name": "lid"}', "application/json"),
    ("POST", "/form", b"name=lid", "application/x-www-form-urlencoded"),
    ("POST", "/strict", b'{"until": {"on": "2020-01-01"}}', "application/json"),
    ("POST", "/small", b'{"name": "lid", "pieces": 3}', "application/json"),
    ("GET", "/aliases?one=1", None, None),
    ("GET", "/aliases?uno=1", None, None),
    ("HEAD", "/parts", None, None),
    ("OPTIONS", "/parts", None, None),
    ("DELETE", "/parts", None, None),
    ("GET", "/parts/", None, None),
    ("GET", "/parts?size=%FF", None, None),
    ("GET", "/parts/%C3%A4", None, None),
    ("GET", "/parts/KIT-1%2F2", None, None),
    ("POST", "/parts/KIT-001/3", '{"name": "lid"}'.encode("utf-16"), "application/json"),
    ("POST", "/parts/KIT-001/3", b'{"name": "lid", "name": "box"}', "application/json"),
    ("POST", "/parts/KIT-001/3", b'{"name": "lid", "pieces": 1e999}', "application/json"),
    ("POST", "/parts/KIT-001/3", b"null", "application/json"),
    ("POST", "/parts/KIT-001/3", b"[" * 5000 + b"]" * 5000, "application/json"),
    ("POST", "/parts/KIT-001/3", b'{"name": "lid"}', "Application/JSON"),
    ("POST", "/parts/KIT-001/3", b'{"name": "lid"}', "application/vnd.part+json"),
    ("GET", "/parts/KIT-1", None, None),
    ("GET", "/parts/not%20one", None, None),
    ("GET", "/parts/TOOLONG-1", None, None),
    ("GET", "/parts", None, None),
    ("GET", "/parts?size=2", None, None),
    ("GET", "/parts?size=2&size=3&p=4&sort=price&other=1", None, None),
    ("GET", "/parts?size=", None, None),
    ("GET", "/parts?size=two&p=0&sort=colour", None, None),
    ("GET", "/page/KIT-001?a=b", None, None),
    ("GET", "/page/not%20one", None, None),
    ("POST", "/parts/KIT-001/3", b'{"name": "lid"}', "application/json"),
    ("POST", "/parts/KIT-001/3", b'{"name": "lid", "pieces": "4", "new": []}', "application/json; charset=utf-8"),
    ("POST", "/parts/KIT-001/3", b'{"name": "gone"}', "application/json"),
    ("POST", "/parts/KIT-001/0", b'{"name": "lid"}', "application/json"),
    ("POST", "/parts/KIT-001/3", b'{"name": "much too long", "pieces": {}}', "application/json"),
    ("POST", "/parts/KIT-001/3", b'{"name": ', "application/json"),
    ("POST", "/parts/KIT-001/3", b"\xff\xfe", "application/json"),
    ("POST", "/parts/KIT-001/3", b"", "application/json"),
    ("POST", "/parts/KIT-001/3", b"[]", "application/json"),
    ("POST", "/parts/KIT-001/3", b'{"name": "lid"}', "text/plain"),
    ("POST", "/parts/KIT-001/3", b'{"name": "lid"}', None),
]


@pytest.mark.parametrize(("method", "path", "body", "kind"), ASKED)
async def test_a_route_answers_as_fastapi_does(monkeypatch, apps, method, path, body, kind):
    async def answer(calls):
        headers = {"x-request-id": "the-same-for-both"} | ({} if kind is None else {"content-type": kind})
        transport = httpx.ASGITransport(apps(calls))
        async with httpx.AsyncClient(transport=transport, base_url="http://probe") as client:
            response = await client.request(method, path, content=body, headers=headers)
        fields = {name: value for name, value in response.headers.items() if name != "server-timing"}
        return response.status_code, response.text, fields, calls

    ours = await answer([])
    with monkeypatch.context() as handlers:
        handlers.setattr(Short, "suits", lambda _: False)
        assert ours == await answer([])
    monkeypatch.setattr(Direct, "_found", lambda *_: None)
    assert ours == await answer([])


async def test_a_route_of_path_and_body_is_called_past_fastapi(monkeypatch, apps):
    def refuse(route):
        raise AssertionError(route)

    app = apps([])
    monkeypatch.setattr("fastapi.routing.APIRoute.get_route_handler", lambda _: refuse)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://probe") as client:
        assert (await client.get("/parts/KIT-001")).json() == {"name": "KIT", "pieces": 7, "code": None}
        answer = await client.post("/parts/KIT-001/3", json={"name": "lid"})

    assert answer.json() == {"KIT-001": {"name": "lid", "pieces": 1, "code": None}, "number": 3}


KNOWN = {
    Dependant: """background_tasks_param_name body_params call concurrency cookie_params dependencies header_params
        http_connection_param_name name own_oauth_scopes parent_oauth_scopes path path_params query_params
        request_param_name response_param_name scope security_scopes_param_name use_cache websocket_param_name""",
    APIRoute: """callbacks dependencies dependency_overrides_provider deprecated description endpoint form_limits
        generate_unique_id_function include_in_schema max_body_size methods name openapi_extra operation_id path
        response_class response_description response_model response_model_by_alias response_model_exclude
        response_model_exclude_defaults response_model_exclude_none response_model_exclude_unset
        response_model_include responses self status_code strict_content_type summary tags""",
}


@pytest.mark.parametrize("kind", KNOWN)
def test_there_is_nothing_that_a_route_may_ask_for_and_short_does_not_know(kind):
    """After an upgrade of FastAPI: does `Short.suits` have to look at what is new? Then add it here."""
    assert {*signature(kind.__init__).parameters} - {"self"} == {*KNOWN[kind].split()} - {"self"}
