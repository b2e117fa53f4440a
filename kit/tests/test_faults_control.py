"""Who may plant what."""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from twinshop.contracts.errors import Unavailable
from twinshop.contracts.values import Value
from twinshop.kit.app import create_app
from twinshop.kit.clock import Clock
from twinshop.kit.component import Component
from twinshop.kit.faults import active, exposed, exposed_calls
from twinshop.kit.settings import ServerSettings

pytestmark = pytest.mark.anyio

TOKEN = "correct-horse-battery-staple"
ERRORS = {"component": "probe", "kind": "errors", "seconds": 60}


class Port:
    def __init__(self):
        self.size = 3

    async def double(self, number):
        return 2 * number


@asynccontextmanager
async def running():
    yield


async def ready(): ...


@pytest.fixture
def on(monkeypatch):
    monkeypatch.setenv("TWINSHOP_FAULT_TOKEN", TOKEN)


@asynccontextmanager
async def app_of(port, token=None, books=None, **options):
    """A client of an app that hosts the port; it shows the token if there is one."""
    probe = Component("probe", port, APIRouter, running, ready, books)
    app = create_app([probe], ServerSettings(), title="P", **options)
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://probe", headers=headers) as client,
    ):
        yield client


@pytest.fixture
def port(on):
    return exposed("probe", Port())


@pytest.fixture
async def client(port):
    async with app_of(port, TOKEN) as client:
        yield client


@pytest.mark.parametrize("token", [None, ""])
async def test_without_a_token_the_port_is_the_very_same_object(monkeypatch, token):
    monkeypatch.delenv("TWINSHOP_FAULT_TOKEN", raising=False)
    if token is not None:
        monkeypatch.setenv("TWINSHOP_FAULT_TOKEN", token)
    port = Port()

    assert exposed("probe", port) is port


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_without_a_token_there_is_no_route(monkeypatch, method):
    monkeypatch.delenv("TWINSHOP_FAULT_TOKEN", raising=False)
    async with app_of(Port(), "") as client:
        path = "/faults/probe" if method == "DELETE" else "/faults"

        assert (await client.request(method, path)).status_code == 404


@pytest.mark.parametrize("shown", [None, "", TOKEN[:-1], f"{TOKEN}x", "café"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/faults", b""), ("POST", "/faults", b"{not even JSON"), ("DELETE", "/faults/probe", b"")],
)
async def test_nothing_is_looked_at_before_the_token(port, shown, method, path, body):
    async with app_of(port) as client:
        headers = {} if shown is None else {"authorization": f"Bearer {shown}".encode()}
        answer = await client.request(method, path, content=body, headers=headers)

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
        assert TOKEN not in answer.text


async def test_a_token_of_less_than_16_characters_is_refused_and_not_told(monkeypatch):
    monkeypatch.setenv("TWINSHOP_FAULT_TOKEN", "too-short-secret")
    assert exposed("probe", Port())

    monkeypatch.setenv("TWINSHOP_FAULT_TOKEN", "too-short")
    with pytest.raises(ValueError, match="at least 16") as caught:
        exposed("probe", Port())
    assert "too-short" not in str(caught.value)


async def test_an_injected_fault_affects_calls_within_the_process(client, port):
    assert await port.double(21) == 42

    injection = await client.post("/faults", json=ERRORS)
    with pytest.raises(Unavailable) as caught:
        await port.double(21)

    assert injection.status_code == 201
    assert caught.value.facts == {"component": "probe"}

    assert (await client.delete("/faults/probe")).status_code == 204
    assert await port.double(21) == 42


async def test_what_is_injected_is_listed_with_its_end(client):
    injection = (await client.post("/faults", json=ERRORS)).json()
    told = (await client.get("/faults")).json()

    assert told == {"hosted": ["probe"], "faults": [injection]}
    assert injection["fault"] == {
        **ERRORS,
        "after_seconds": 0.0,
        "persist": False,
        "operations": [],
        "ratio": 1.0,
        "seed": 0,
        "raises": "unavailable",
    }
    assert injection["injected_at"] == injection["begins_at"] < injection["ends_at"]


async def test_the_same_kind_again_replaces_the_first(client):
    await client.post("/faults", json=ERRORS)
    second = (await client.post("/faults", json={**ERRORS, "ratio": 0.5})).json()

    assert (await client.get("/faults")).json()["faults"] == [second]


async def test_healing_what_is_healthy_is_as_good(client):
    assert [(await client.delete("/faults/probe")).status_code for _ in range(2)] == [204, 204]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_a_component_that_is_not_hosted_here_is_not_found(client, method):
    if method == "POST":
        answer = await client.post("/faults", json={**ERRORS, "component": "cart"})
    else:
        answer = await client.delete("/faults/cart")

    assert (answer.status_code, answer.json()["code"], answer.json()["hosted"]) == (404, "not-found", ["probe"])


@pytest.mark.parametrize(
    "members",
    [
        {"seconds": None},
        {"seconds": 0},
        {"seconds": 3601},
        {"after_seconds": 61},
        {"kind": "gremlins"},
        {"ratio": 1.1},
        {"ratio": -0.1},
        {"operations": ["treble"]},
        {"operations": ["size"]},
        {"operations": ["__init__"]},
        {"kind": "latency"},
        {"kind": "block", "milliseconds": 10_001},
        {"kind": "leak"},
        {"kind": "spin", "ratio": 0.5},
        {"when": "after"},
        {"kind": "crash", "when": "sometimes"},
        {"kind": "skew", "by_seconds": 86_401},
        {"kind": "skew", "by_seconds": 5},  # it has no clock
        {"persist": True},
        {"surprise": 1},
    ],
)
async def test_what_makes_no_sense_is_refused(client, members):
    body = {name: value for name, value in {**ERRORS, **members}.items() if value is not None}
    answer = await client.post("/faults", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert (await client.get("/faults")).json()["faults"] == []


async def test_a_clock_is_off_until_it_is_reverted(on):
    clock = Clock()

    def skew():
        return clock() - datetime.now(UTC)

    async with app_of(exposed("probe", Port(), clock), TOKEN) as client:
        body = {"component": "probe", "kind": "skew", "seconds": 60, "by_seconds": -900}
        assert (await client.post("/faults", json=body)).status_code == 201
        assert abs(skew() + timedelta(minutes=15)) < timedelta(minutes=1)

        await client.delete("/faults/probe")
        assert abs(skew()) < timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Ports:
    first: Port
    second: Port
    name: str = "not a port"


async def test_a_fault_of_a_component_without_callers_affects_the_calls_that_it_makes(on):
    ports = exposed_calls("probe", Ports(Port(), Port()), "first", "second")
    async with app_of(ports, TOKEN) as client:
        injection = await client.post("/faults", json={**ERRORS, "operations": ["first.double"]})
        unknown = await client.post("/faults", json={**ERRORS, "operations": ["double"]})

        assert (injection.status_code, unknown.status_code) == (201, 422)
        with pytest.raises(Unavailable):
            await ports.first.double(21)
        assert await ports.second.double(21) == 42
        assert ports.name == "not a port"


def test_without_a_token_its_calls_are_the_very_same(monkeypatch):
    monkeypatch.delenv("TWINSHOP_FAULT_TOKEN", raising=False)
    ports = Ports(Port(), Port())

    assert exposed_calls("probe", ports, "first", "second") is ports


class Dead(BaseException):
    """Instead of the process."""


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
async def test_a_crash_comes_before_a_call_or_when_it_has_been_made(on, monkeypatch, when, made):
    def die():
        raise Dead

    class Counted(Port):
        calls = 0

        async def double(self, number):
            self.calls += 1
            return 2 * number

    monkeypatch.setattr(active, "_die", die)
    counted = Counted()
    port = exposed("probe", counted)
    async with app_of(port, TOKEN) as client:
        await client.post("/faults", json={"component": "probe", "kind": "crash", "seconds": 60, "when": when})
        with pytest.raises(Dead):
            await port.double(1)

        assert counted.calls == made


async def test_the_routes_are_not_in_the_shops_description(client):
    document = (await client.get("/openapi.json")).json()

    assert not [path for path in document["paths"] if "faults" in path]


async def test_errors_are_problem_documents_even_where_others_are_pages(port):
    async def as_page(request, problem):
        return HTMLResponse("<h1>Sorry</h1>", problem.status)

    async with app_of(port, TOKEN, render=as_page) as client:
        browser = {"accept": "text/html"}
        refused = await client.delete("/faults/cart", headers=browser)
        wrong = await client.patch("/faults", headers=browser)
        elsewhere = await client.get("/faultsand", headers=browser)

    assert [answer.headers["content-type"] for answer in (refused, wrong)] == ["application/problem+json"] * 2
    assert (refused.status_code, wrong.status_code) == (404, 405)
    assert elsewhere.text == "<h1>Sorry</h1>"


async def test_what_the_port_is_beside_its_operations_stays_reachable(port):
    assert port.double.__name__ == "double"
    with pytest.raises(AttributeError):
        port.treble  # noqa: B018


async def test_faults_end_with_the_app(port):
    async with app_of(port, TOKEN) as client:
        await client.post("/faults", json=ERRORS)

    assert await port.double(21) == 42


class Pages(Value):
    entries: int


async def pages():
    return Pages(entries=3)


async def test_the_books_of_a_component_are_read_past_its_faults(on):
    port = exposed("probe", Port())
    async with app_of(port, TOKEN, books=pages) as client:
        assert (await client.post("/faults", json=ERRORS)).status_code == 201
        answer = await client.get("/faults/books/probe")

    assert (answer.status_code, answer.json()) == (200, {"entries": 3})


async def test_the_books_want_the_token_too(port):
    async with app_of(port, books=pages) as client:
        assert (await client.get("/faults/books/probe")).status_code == 401


async def test_a_component_without_books_is_told(client):
    answer = await client.get("/faults/books/probe")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
