"""The shipped app, in process, on a database of its own."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from twinshop.catalog.app import build, create_app
from twinshop.catalog.settings import CatalogSettings
from twinshop.contracts.catalog import StockLine
from twinshop.kit import app as kit
from twinshop.kit.settings import ServerSettings
from twinshop.testing.products import a_product

pytestmark = pytest.mark.anyio

ORDER = "/catalog/reservations/order-0000000000"


@pytest.fixture
async def client(seeded_url, data):
    settings = CatalogSettings(database_url=seeded_url, data=data)
    app = kit.create_app([build(settings)], ServerSettings(), title="Test")
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
        yield http


def lines(**quantities):
    return {"lines": [{"sku": sku.replace("_", "-"), "quantity": quantity} for sku, quantity in quantities.items()]}


async def test_an_empty_query_answers_the_first_page(client):
    page = (await client.post("/catalog/search", json={})).json()
    assert (page["total"], len(page["items"]), len(page["categories"])) == (5, 5, 3)


async def test_a_search_answers_products_as_the_port_describes_them(client):
    page = (await client.post("/catalog/search", json={"text": "knife"})).json()
    knife = a_product(
        "KIT-003",
        name="Bread knife",
        description="Cuts bread <b>well</b>.",
        category="kitchen",
        category_name="Kitchen & Table",
        price=2490,
        available=1,
        picture="kit-003.webp",
    )
    assert page["items"] == [knife.model_dump(mode="json")]
    assert page["items"][0]["price"] == {"amount": 2490, "currency": "EUR"}


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"page": 10_001},
        {"size": 101},
        {"sort": "random"},
        {"text": "x" * 101},
        {"names": ["x"] * 501},
        {"category": "No Slug"},
        {"colour": "red"},
        [],
    ],
)
async def test_a_query_that_makes_no_sense_is_invalid(client, query):
    answer = await client.post("/catalog/search", json=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_an_unknown_category_is_not_found(client):
    answer = await client.post("/catalog/search", json={"category": "garden"})
    assert (answer.status_code, answer.json()["code"], answer.json()["category"]) == (404, "not-found", "garden")


async def test_products_come_in_the_order_asked_for(client):
    answer = await client.post("/catalog/products", json={"skus": ["TEA-001", "???", "KIT-001"]})
    assert [product["sku"] for product in answer.json()] == ["TEA-001", "KIT-001"]


async def test_too_many_products_at_once_are_too_large(client):
    answer = await client.post("/catalog/products", json={"skus": ["KIT-001"] * 101})
    assert (answer.status_code, answer.json()["code"]) == (413, "content-too-large")


async def test_a_product_can_be_read_by_its_key(client):
    assert (await client.get("/catalog/products/KIT-001")).json()["name"] == "Sauté pan"


async def test_an_unknown_product_is_not_found(client):
    assert (await client.get("/catalog/products/XXX-999")).status_code == 404


@pytest.mark.parametrize("sku", ["-kettle", "two%20words", "caf%C3%A9", "K" * 65])
async def test_what_is_no_product_key_is_invalid(client, sku):
    assert (await client.get(f"/catalog/products/{sku}")).status_code == 422


async def test_the_categories_can_be_read(client):
    categories = (await client.get("/catalog/categories")).json()
    assert [(category["slug"], category["products"]) for category in categories] == [
        *(("kitchen", 3), ("tea", 2), ("empty", 0)),
    ]


async def test_stock_is_reserved_committed_and_audited(client):
    answers = [await client.put(ORDER, json=lines(KIT_001=2)), await client.post(f"{ORDER}/commit")]
    assert [answer.json()["state"] for answer in answers] == ["reserved", "committed"]
    assert (await client.get("/catalog/audit")).json() == {
        "initial": 36,
        "on_hand": 34,
        "reserved": 0,
        "sold": 2,
        "open_reservations": 0,
        "lowest_available": 0,
    }


async def test_a_reservation_lasts_as_long_as_the_settings_say(tmp_path, data):
    settings = CatalogSettings(database_url=f"sqlite:///{tmp_path}/catalog.db", data=data, reservation_seconds=77)
    component = build(settings)
    async with component.running():
        before = datetime.now(UTC)
        reservation = await component.port.reserve("order-0000000000", [StockLine(sku="KIT-001", quantity=1)])
        after = datetime.now(UTC)
    assert before <= reservation.expires_at - timedelta(seconds=77) <= after


async def test_moments_are_written_in_utc(client):
    answer = await client.put(ORDER, json=lines(KIT_001=2))
    assert answer.json()["expires_at"].endswith("Z")


async def test_stock_can_be_released(client):
    await client.put(ORDER, json=lines(KIT_001=2))
    assert (await client.post(f"{ORDER}/release")).json()["state"] == "released"


async def test_a_shortage_is_a_conflict_that_tells_what_is_short(client):
    answer = await client.put(ORDER, json=lines(KIT_003=2))
    assert (answer.status_code, answer.json()["code"]) == (409, "out-of-stock")
    assert answer.json()["shortages"] == [{"sku": "KIT-003", "requested": 2, "available": 1}]


@pytest.mark.parametrize("operation", ["commit", "release"])
async def test_what_was_settled_the_other_way_conflicts(client, operation):
    await client.put(ORDER, json=lines(KIT_001=2))
    await client.post(f"{ORDER}/{'release' if operation == 'commit' else 'commit'}")
    answer = await client.post(f"{ORDER}/{operation}")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_committing_what_was_never_reserved_is_not_found(client):
    assert (await client.post(f"{ORDER}/commit")).status_code == 404


@pytest.mark.parametrize("quantity", [10**9, 10**30, 100, 0, -1, 1.5, "two", None])
async def test_an_impossible_quantity_is_invalid(client, quantity):
    answer = await client.put(ORDER, json=lines(KIT_001=quantity))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


@pytest.mark.parametrize(
    "body", [{}, {"lines": []}, {"lines": [{"sku": "two words", "quantity": 1}]}, lines(KIT_001=1) | {"note": "x"}]
)
async def test_a_reservation_that_makes_no_sense_is_invalid(client, body):
    assert (await client.put(ORDER, json=body)).status_code == 422


@pytest.mark.parametrize(
    "order_id", ["short", "x" * 65, "order-%20000000000", "order-0000000000%00", "%27%20OR%201=1;--"]
)
async def test_what_is_no_order_id_is_invalid(client, order_id):
    answer = await client.put(f"/catalog/reservations/{order_id}", json=lines(KIT_001=1))
    assert answer.status_code == 422


async def test_every_operation_documents_its_errors_as_problems(client):
    document = (await client.get("/openapi.json")).json()
    reserve = document["paths"]["/catalog/reservations/{order_id}"]["put"]["responses"]
    assert {"200", "404", "409", "413", "422", "503"} <= reserve.keys()
    assert "application/problem+json" in json.dumps(reserve["409"])


async def test_it_is_ready_while_its_database_answers(client):
    answer = await client.get("/readyz")
    assert answer.json() == {"status": "ready", "components": {"catalog": "ready"}}


async def test_the_factory_makes_the_app_from_the_environment(anyio_backend, tmp_path, monkeypatch):
    monkeypatch.setenv("CATALOG_DATABASE_URL", f"sqlite:///{tmp_path}/from-environment.db")
    app = create_app()
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
        assert (await http.get("/catalog/categories")).status_code == 200
    assert (tmp_path / "from-environment.db").exists()


async def test_nothing_is_opened_before_the_component_runs(tmp_path):
    build(CatalogSettings(database_url=f"sqlite:///{tmp_path}/not-yet.db"))
    assert list(tmp_path.iterdir()) == []


async def test_stock_survives_a_restart(tmp_path, data):
    settings = CatalogSettings(database_url=f"sqlite:///{tmp_path}/catalog.db", data=data)
    first, second = build(settings), build(settings)
    async with first.running():
        await first.port.release("order-0000000000")
        before = await first.port.audit()
    async with second.running():
        assert await second.port.audit() == before
