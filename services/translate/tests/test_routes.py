"""The translator over HTTP, behind the real application."""

import httpx
import pytest

from twinshop.contracts.translate import MAX_TEXT_LENGTH, MAX_TEXTS
from twinshop.kit.app import create_app
from twinshop.kit.settings import ServerSettings
from twinshop.translate.app import build

pytestmark = pytest.mark.anyio


@pytest.fixture
async def http(settings):
    app = create_app([build(settings)], ServerSettings(), title="translate")
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://translate") as client,
    ):
        yield client


def body(*texts, source="en", target="es"):
    return {"texts": texts, "source": source, "target": target}


async def test_each_translation_tells_its_origin(http):
    answer = await http.post("/translate/texts", json=body("Kitchen", "Hello", target="es"))
    assert answer.json() == [
        {"text": "Cocina", "origin": "memory", "engine": None},
        {"text": "Hello", "origin": "none", "engine": None},
    ]


@pytest.mark.integration
async def test_a_machine_is_named(http):
    answer = await http.post("/translate/texts", json=body("Hello", target="it"))
    assert answer.json() == [{"text": "HELLO", "origin": "engine", "engine": "apertium eng-por + por-ita"}]


async def test_the_pairs_are_listed(http):
    pairs = (await http.get("/translate/pairs")).json()
    assert {"source": "en", "target": "pt", "engine": "apertium eng-por"} in pairs
    assert {"source": "es", "target": "fr", "engine": None} in pairs


@pytest.mark.parametrize(
    "wrong",
    [
        body("x" * (MAX_TEXT_LENGTH + 1)),
        body(*["x"] * (MAX_TEXTS + 1)),
        body("x", target="english"),
        body("x") | {"more": 1},
        {"texts": ["x"]},
        body(1),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(http, wrong):
    answer = await http.post("/translate/texts", json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_a_body_that_is_too_large_is_refused(http):
    answer = await http.post("/translate/texts", json=body(*["x" * MAX_TEXT_LENGTH] * 30))
    assert (answer.status_code, answer.json()["code"]) == (413, "content-too-large")


async def test_an_unknown_language_is_refused_with_those_known(http):
    problem = (await http.post("/translate/texts", json=body("x", target="xx"))).json()
    assert (problem["code"], problem["languages"]) == ("unknown-language", ["en", "es", "fr", "it", "pt"])


async def test_it_is_ready(http):
    assert (await http.get("/readyz")).json() == {"status": "ready", "components": {"translate": "ready"}}


async def test_the_errors_are_in_the_openapi_document(http):
    paths = (await http.get("/openapi.json")).json()["paths"]
    assert {"200", "413", "422"} <= set(paths["/translate/texts"]["post"]["responses"])
