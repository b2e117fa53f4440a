"""What every request gets from the edge, whatever the component."""

import json
import logging
import re
import subprocess
import sys
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter

from twinshop.contracts.errors import OutOfStock, Unavailable
from twinshop.contracts.values import Quantity, Value
from twinshop.kit.app import create_app
from twinshop.kit.component import Component
from twinshop.kit.settings import ServerSettings

pytestmark = pytest.mark.anyio
MAX_BODY = 2048


class Body(Value):
    quantity: Quantity


class Probe:
    """A component whose readiness a test can set."""

    def __init__(self):
        self.events = []
        self.down = None

    @asynccontextmanager
    async def running(self):
        self.events.append("opened")
        yield
        self.events.append("closed")

    async def ready(self):
        if self.down is not None:
            raise self.down


@pytest.fixture
def probe():
    return Probe()


@pytest.fixture
async def client(probe):
    routes = APIRouter(prefix="/probe")

    @routes.post("/buy")
    async def buy(body: Body) -> Body:
        return body

    @routes.get("/sold-out")
    async def sold_out():
        raise OutOfStock("Only 2 left.", shortages=[{"sku": "KIT-001", "available": 2}])

    @routes.get("/down")
    async def down():
        raise Unavailable("The database does not answer.", component="probe")

    @routes.get("/crash")
    async def crash():
        raise RuntimeError("secret inner detail")

    component = Component("probe", probe, lambda: routes, probe.running, probe.ready)
    app = create_app([component], ServerSettings(max_body=MAX_BODY), title="Probe")
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://probe") as client,
    ):
        yield client


async def test_an_error_is_a_problem_document_with_its_facts(client):
    answer = await client.get("/probe/sold-out")

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "out-of-stock"
    assert problem["detail"] == "Only 2 left."
    assert problem["shortages"] == [{"sku": "KIT-001", "available": 2}]
    assert problem["request_id"] == answer.headers["x-request-id"]


async def test_unavailable_says_when_to_come_back(client):
    answer = await client.get("/probe/down")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_a_crash_is_logged_and_tells_nothing(client, caplog):
    answer = await client.get("/probe/crash")

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal-error"
    assert "secret" not in answer.text
    assert "secret inner detail" in caplog.text


async def test_a_crash_while_telling_of_an_error_is_told_plainly():
    async def crashing(request, problem):
        raise RuntimeError("the page needs what just failed")

    app = create_app([], ServerSettings(), title="Probe", render=crashing)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://probe") as client:
        answer = await client.get("/nowhere")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")


@pytest.mark.parametrize("quantity", [0, -1, 10**9, "many", None])
async def test_bad_input_names_the_field_without_echoing_it(client, quantity):
    answer = await client.post("/probe/buy", json={"quantity": quantity})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body.quantity"
    assert "input" not in answer.text


async def test_malformed_json_is_a_400(client):
    answer = await client.post("/probe/buy", content=b'{"quantity":', headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-json")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_refused(client, chunked):
    async def parts():
        for _ in range(10):
            yield b"x" * 512

    answer = await client.post("/probe/buy", content=parts() if chunked else b"x" * (MAX_BODY + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "content-too-large")


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/probe/buy", 405)])
async def test_unknown_paths_and_methods_are_problems_too(client, path, status):
    answer = await client.get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_harmless_request_id_is_kept_and_a_harmful_one_replaced(client):
    kept = await client.get("/probe/sold-out", headers={"x-request-id": "lesson-2.run_7"})
    replaced = await client.get("/probe/sold-out", headers={"x-request-id": 'evil"\\{}'})

    assert kept.headers["x-request-id"] == "lesson-2.run_7"
    assert replaced.headers["x-request-id"].isalnum()


async def test_each_request_is_logged_with_its_id(client, caplog):
    with caplog.at_level(logging.INFO, "twinshop.request"):
        await client.get("/probe/sold-out")

    record = next(record for record in caplog.records if record.name == "twinshop.request")
    assert (record.method, record.path, record.status) == ("GET", "/probe/sold-out", 409)


async def test_readiness_follows_the_components_own_dependencies(client, probe):
    ready = await client.get("/readyz")
    probe.down = Unavailable("The database does not answer.", component="probe")
    not_ready = await client.get("/readyz")
    alive = await client.get("/livez")

    assert (ready.status_code, not_ready.status_code, alive.status_code) == (200, 503, 200)
    assert not_ready.json()["components"] == {"probe": "The database does not answer."}
    assert re.fullmatch("[0-9a-f]{12}", alive.json()["code"])


async def test_metrics_count_requests_by_route_and_status(client):
    await client.get("/probe/sold-out")

    text = (await client.get("/metrics")).text

    assert 'twinshop_http_request_seconds_count{method="GET",route="/probe/sold-out",status="409"}' in text


async def test_server_timing_tells_the_total(client):
    answer = await client.get("/probe/sold-out")

    assert answer.headers["server-timing"].startswith("total;dur=")


async def test_components_open_and_close_with_the_app(probe):
    component = Component("probe", probe, APIRouter, probe.running, probe.ready)
    app = create_app([component], ServerSettings(), title="Probe")

    async with app.router.lifespan_context(app):
        assert probe.events == ["opened"]

    assert probe.events == ["opened", "closed"]


@pytest.mark.integration
def test_logs_are_json_with_the_request_id():
    """In a process of its own: logging is configured for the whole process."""
    program = (
        "import logging.config; from twinshop.kit import context, logs; context.request_id.set('abcdefgh');"
        "logging.config.dictConfig(logs.configuration('INFO', process='probe'));"
        "logging.getLogger('twinshop.test').info('hello', extra={'order': 'TW-1'})"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    line = json.loads(run.stdout)
    assert line["message"] == "hello"
    assert (line["request_id"], line["process"], line["order"]) == ("abcdefgh", "probe", "TW-1")
    assert line["time"].endswith("+00:00")
