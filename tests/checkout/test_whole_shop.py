"""The shop as it is served, in one process with its own catalogue: the API's examples, and the language of pages."""

import re
import shutil
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
from httpx import ASGITransport

from twinshop.contracts.errors import Unavailable
from twinshop.monolith.app import create_app
from twinshop.storefront.messages import COUNTRIES, NOT_TRANSLATED, TEST_CARDS
from twinshop.testing.stores import PATIENCE
from twinshop.translate.service import TranslateService

pytestmark = [pytest.mark.anyio, pytest.mark.integration]
PAGES = ("/", "/search?q=a", "/category/toys", "/product/TOY-008", "/cart", "/checkout", "/orders", "/nowhere")


@asynccontextmanager
async def served(database, redis_url):
    settings = {
        "STOREFRONT_SECRET": "0123456789abcdef",
        "TWINSHOP_HOSTS": "shop.test",
        "CATALOG_DATABASE_URL": database,
        "PAYMENT_DATABASE_URL": database,
        "CART_REDIS_URL": redis_url,
        **PATIENCE,
    }
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        app = create_app()
        async with app.router.lifespan_context(app):
            yield app


@asynccontextmanager
async def visitors(app):
    """Makes visitors, each with a cookie jar of its own."""
    async with AsyncExitStack() as clients:

        def visitor(**headers):
            transport = ASGITransport(app=app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://shop.test", headers=headers)
            clients.push_async_callback(client.aclose)
            return client

        yield visitor


@pytest.fixture(scope="module")
async def app(anyio_backend, first_start, redis_url, tmp_path_factory):
    database = shutil.copy(first_start, tmp_path_factory.mktemp("shop") / "shop.sqlite")
    async with served(f"sqlite:///{database}", redis_url) as app:
        yield app


@pytest.fixture
async def visit(app):
    """Makes visitors of a shop that others visit, too."""
    async with visitors(app) as visit:
        yield visit


@pytest.fixture
async def visit_first(shop_database, redis_url):
    """Makes visitors of a shop that has translated nothing yet."""
    async with served(shop_database, redis_url) as app, visitors(app) as visit:
        yield visit


def first_example(described):
    """What Swagger UI fills in: the first of the examples; None if there is none."""
    return next((example["value"] for example in described.get("examples", {}).values()), None)


async def execute(client, path, method, operation):
    """Send an operation as it is filled in. Without an example for what it requires, that is an error."""
    headers, query = {}, {}
    for parameter in operation.get("parameters", ()):
        value = first_example(parameter)
        if value is None:
            value = parameter["schema"].get("default")
        assert value is not None or not parameter["required"], f"{method} {path}: no example of {parameter['name']}"
        if value is None:
            continue
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", value)
        else:
            {"header": headers, "query": query}[parameter["in"]][parameter["name"]] = str(value)
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    sent = None if body is None else first_example(body)
    assert body is None or sent is not None, f"{method} {path}: no example of the body"
    return await client.request(method, path, params=query, headers=headers, json=sent)


async def operations(client):
    document = (await client.get("/openapi.json")).json()
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


async def test_every_operation_succeeds_as_it_is_filled_in(visit):
    client = visit()

    answers = {
        (method, path): (await execute(client, path, method, operation)).status_code
        for (method, path), operation in (await operations(client)).items()
    }

    assert len(answers) >= 12
    assert {operation: status for operation, status in answers.items() if status not in {200, 201}} == {}


async def test_the_five_steps_of_the_description_buy_something(visit):
    client = visit()
    offered = await operations(client)
    description = (await client.get("/openapi.json")).json()["info"]["description"]
    steps = re.findall(r"^\d\. `([A-Z]+) (\S+)`", description, re.MULTILINE)

    answers = [await execute(client, path, method, offered[method, path]) for method, path in steps]

    assert len(steps) == 5
    assert [answer.is_success for answer in answers] == [True] * 5
    order = answers[-1].json()
    assert (order["state"], order["lines"][0]["sku"]) == ("paid", "KIT-001")


async def test_two_visitors_may_execute_the_same_page(visit):
    for client in (visit(), visit()):
        for (method, path), operation in (await operations(client)).items():
            assert (await execute(client, path, method, operation)).is_success, (method, path)


async def test_the_newest_order_is_nobody_elses(visit):
    assert (await visit().get("/api/orders/latest")).status_code == 404


async def test_the_description_lists_the_test_cards_and_the_countries(visit):
    description = (await visit().get("/openapi.json")).json()["info"]["description"]

    listed = set(re.findall(r"^`([^`]+)` \| (.+)$", description, re.MULTILINE))
    assert set(TEST_CARDS.items()) | set(COUNTRIES.items()) <= listed


async def test_the_index_leads_to_every_path_of_the_document(visit):
    client = visit()
    links = (await client.get("/api")).json()
    paths = {link.partition("{?")[0] for link in links.values()}
    described = {path for _, path in await operations(client)}

    assert described - {"/api"} == {path for path in paths if path.startswith("/api/")}
    for path in paths - described:
        assert (await client.get(path)).status_code == 200


# The language of a page


def language(page):
    return re.search(r'<html lang="([a-z]+)"', page.text)[1]


@pytest.mark.parametrize("tag", ["es", "es-ES", "es_ES", "ES", "es-419", "spa"])
async def test_a_language_in_the_address_is_kept_for_the_next_page(visit, tag):
    client = visit(**{"accept": "text/html", "accept-language": "de"})
    first = await client.get("/", params={"lang": tag})

    assert (first.status_code, language(first)) == (200, "es")
    assert {language(await client.get(path)) for path in PAGES} == {"es"}
    assert (await client.get("/api/products?size=1")).json()["language"] == "es"


@pytest.mark.parametrize("tag", ["xx", "", "zh-Hant-TW", "*", "'\"><", "es\u200b" * 50])
async def test_an_unknown_language_is_no_error_of_a_page_and_one_of_the_api(visit, tag):
    client = visit(**{"accept": "text/html", "accept-language": "de"})
    pages = [await client.get(path, params={"lang": tag}) for path in ("/", "/cart")]
    picked = await client.post("/language", data={"language": tag, "next": "/cart"})

    assert [(page.status_code, language(page)) for page in pages] == [(200, "de")] * 2
    assert (picked.status_code, picked.headers["location"]) == (303, "/cart")
    assert client.cookies.get("twinshop_language") is None
    refused = await client.get("/api/products", params={"lang": tag})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-language")


async def test_texts_to_translate_have_any_language_tag(visit):
    answer = await visit().post("/api/translate", json={"texts": ["Kitchen"], "source": "en-GB", "target": "es_MX"})

    assert [translation["text"] for translation in answer.json()] == ["Cocina"]


async def test_pages_without_a_translator_stay_in_their_language_and_mark_the_english_texts(visit_first, monkeypatch):
    async def down(*_):
        raise Unavailable("down", component="translate")

    monkeypatch.setattr(TranslateService, "translate_many", down)
    client = visit_first(**{"accept": "text/html", "accept-language": "es"})

    for path in PAGES:
        page = await client.get(path)
        assert '<html lang="es">' in page.text, path
        assert "Cesta" in page.text, path
    page = (await client.get("/product/TOY-001")).text
    assert '<h1 lang="en">Brown teddy bear</h1>' in page
    assert "Las traducciones no están disponibles" in page
    listed = (await client.get("/category/kitchen?sort=name", headers={"hx-request": "true"})).text
    assert '<h1 lang="en">Kitchen</h1>' in listed
    names = re.findall(r'<h2 class="card-name" [^>]*lang="en"><a[^>]*>([^<]+)', listed)
    assert names == sorted(names)
    assert len(names) == listed.count('class="card-name"') > 1


async def test_a_product_without_a_translation_says_that_it_is_english(visit_first, monkeypatch):
    whole = TranslateService.translate_many

    async def partly(self, request):
        answers = await whole(self, request)
        unknown = {"Brown teddy bear"}
        return tuple(
            answer.model_copy(update={"text": text, "origin": "none"}) if text in unknown else answer
            for text, answer in zip(request.texts, answers, strict=True)
        )

    monkeypatch.setattr(TranslateService, "translate_many", partly)
    client = visit_first(**{"accept": "text/html", "accept-language": "es"})
    page = (await client.get("/product/TOY-001")).text

    assert re.search(r'<h1 lang="en">Brown teddy bear</h1>', page)
    assert re.search(r'alt="Brown teddy bear" lang="en"', page)
    assert "<body>" in page
    assert NOT_TRANSLATED not in page
    listed = (await client.get("/category/toys")).text
    assert re.search(r'<h2 [^>]*lang="en"><a href="/product/TOY-001">', listed)
    assert listed.count('lang="en"><a href="/product/') == 1


async def test_the_footer_and_the_orders_count_and_date_in_the_language_of_the_page(visit):
    client = visit(**{"accept": "text/html", "accept-language": "fr"})
    for method, path in (("POST", "/api/cart/lines"), ("POST", "/api/orders")):
        await execute(client, path, method, (await operations(client))[method, path])
    page = (await client.get("/orders")).text

    assert re.search(r"\d+,\d ms", page)
    assert not re.search(r"\d\.\d ms", page)
    assert re.search(r"<time [^>]*>\d+(er)? [a-zûé]+ \d{4}, \d\d:\d\d UTC</time>", page)


# What people type


@pytest.mark.parametrize("field", ["name", "street", "postcode", "city", "email"])
@pytest.mark.parametrize("text", ["\u200b", "Gi\u2028rona", "\u202eanoriG"])
async def test_an_address_that_cannot_be_printed_is_refused_by_form_and_api(visit, field, text):
    client = visit(accept="text/html")
    offered = await operations(client)
    await execute(client, "/api/cart/lines", "POST", offered["POST", "/api/cart/lines"])
    order = first_example(offered["POST", "/api/orders"]["requestBody"]["content"]["application/json"])
    delivery = {**order["delivery"], field: text}
    card = {"card_number": order["card"]["number"], "expiry": "12/90", "code": "123"}

    form = await client.post("/checkout", data={**delivery, **card, "idempotency_key": "k" * 20})
    api = await client.post("/api/orders", json={**order, "delivery": delivery}, headers={"idempotency-key": "k" * 20})

    assert (form.status_code, api.status_code) == (422, 422)
    assert f'id="error-{field}"' in form.text
    assert f"delivery.{field}" in api.json()["detail"]
    assert (await client.get("/api/orders")).json() == []


async def test_a_search_says_what_it_looked_for_and_nothing_that_cannot_be_seen(visit):
    page = (await visit(accept="text/html").get("/search", params={"q": "tea\u200bpot\u202e"})).text

    assert "<h1>Results for “teapot”</h1>" in page
    assert "Red stoneware teapot" in page
