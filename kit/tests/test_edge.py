"""What the outermost layer of a process refuses, whatever it hosts."""

import asyncio
import logging
from contextlib import nullcontext

import httpx
import pytest
from fastapi import APIRouter, Request

from twinshop.kit.app import create_app
from twinshop.kit.component import Component
from twinshop.kit.settings import ServerSettings

pytestmark = pytest.mark.anyio


@pytest.fixture
def client():
    """Of an app with these settings."""

    def of(**settings):
        routes = APIRouter()

        @routes.post("/probe")
        async def probe(request: Request) -> dict[str, str]:
            body = await request.body()
            return {"body": body.decode(), "scheme": request.url.scheme, "host": request.headers["host"]}

        async def ready() -> None: ...

        component = Component("probe", None, routes, nullcontext, ready)
        transport = httpx.ASGITransport(create_app([component], ServerSettings(**settings), title="Probe"))
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    return of


@pytest.mark.parametrize("path", ["/probe", "/livez", "/readyz", "/metrics", "/faults", "/openapi.json"])
async def test_nothing_is_answered_under_a_strangers_name(client, path):
    async with client() as asking:
        answer = await asking.get(path, headers={"host": "evil.example:8203"})

    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "misdirected-request"


@pytest.mark.parametrize("host", ["shop.example", "SHOP.example.:443", "127.0.0.1:8203", "catalog:8000"])
async def test_under_a_name_of_its_own_a_process_answers(client, host):
    async with client(hosts="shop.example") as asking:
        assert (await asking.get("/livez", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("hosts", [["127.0.0.1", "evil.example"], ["127.0.0.1", "127.0.0.1"], []])
async def test_a_request_names_one_host(client, hosts):
    async with client() as asking:
        request = asking.build_request("GET", "/livez")
        others = [header for header in request.headers.raw if header[0].lower() != b"host"]
        request.headers = httpx.Headers([*others, *((b"host", host.encode()) for host in hosts)])
        answer = await asking.send(request)

    assert (answer.status_code, answer.json()["status"]) == (400, 400)


async def test_scheme_and_host_come_from_a_trusted_proxy_alone(client):
    said = {"x-forwarded-proto": "https", "x-forwarded-host": "shop.example"}
    async with client(hosts="shop.example", trusted_proxies="127.0.0.0/8") as asking:
        trusted = (await asking.post("/probe", headers=said)).json()
    async with client(hosts="shop.example") as asking:
        not_trusted = (await asking.post("/probe", headers=said)).json()

    assert (trusted["scheme"], trusted["host"]) == ("https", "shop.example")
    assert (not_trusted["scheme"], not_trusted["host"]) == ("http", "127.0.0.1")


KEY = "0123456789abcdef"


@pytest.mark.parametrize("offered", [None, "", "Bearer", "Bearer 0123456789abcdeF", KEY, f"Basic {KEY}", "Bearer é"])
async def test_a_component_answers_only_who_has_the_key(client, monkeypatch, offered):
    monkeypatch.setenv("TWINSHOP_CALL_KEY", KEY)
    async with client() as asking:
        headers = {} if offered is None else {"authorization": offered.encode()}
        answer = await asking.post("/probe", content=b"x", headers=headers)
        known = await asking.post("/probe", content=b"x", headers={"authorization": f"Bearer {KEY}"})

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert known.status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_machines_that_look_after_a_component_need_no_key(client, monkeypatch, path):
    monkeypatch.setenv("TWINSHOP_CALL_KEY", KEY)
    async with client() as asking:
        assert (await asking.get(path)).status_code == 200


async def test_a_body_that_drips_is_refused(client, caplog):
    async def dripping():
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    caplog.set_level(logging.INFO, "twinshop.request")
    async with client(body_seconds=0.1) as asking:
        answer = await asking.post("/probe", content=dripping())

    assert (answer.status_code, answer.json()["code"]) == (408, "request-timeout")
    assert answer.headers["connection"] == "close"
    assert [record.status for record in caplog.records if record.name == "twinshop.request"] == [408]
