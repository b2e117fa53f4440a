"""The port over HTTP, as the store front's client calls it."""

import httpx
import pytest

from twinshop.contracts.payment import LedgerAudit, Order
from twinshop.kit.app import create_app
from twinshop.kit.database import Database
from twinshop.kit.settings import ServerSettings
from twinshop.payment import app
from twinshop.payment.settings import PaymentSettings
from twinshop.testing.databases import PATIENT, migrate_once

pytestmark = pytest.mark.anyio

CARD = {"number": "4242424242424242", "expiry_month": 12, "expiry_year": 2099, "code": "917"}
FAILURE = {"code": "out-of-stock", "detail": "Sold out.", "facts": {}}


@pytest.fixture
async def client(tmp_path):
    url = f"sqlite:///{tmp_path}/payment.db"
    database = Database("payment", url, PATIENT)
    await migrate_once((database, app.VERSIONS))
    await database.dispose()
    component = app.build(PaymentSettings(database_url=url))
    application = create_app([component], ServerSettings(), title="test")
    transport = httpx.ASGITransport(application)
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=transport, base_url="http://payment") as client,
    ):
        yield client


@pytest.fixture
async def opened(client, draft):
    return (await client.post("/payment/orders", json=draft().model_dump(mode="json"))).json()


async def test_an_order_goes_all_the_way(client, draft):
    answer = await client.post("/payment/orders", json=draft().model_dump(mode="json"))
    assert answer.status_code == 200
    path = f"/payment/orders/{Order.model_validate(answer.json()).id}"
    assert (await client.post(f"{path}/charge", json=CARD)).json()["state"] == "charged"
    assert (await client.post(f"{path}/confirm")).json()["state"] == "paid"
    closed = await client.post(f"{path}/close")
    assert closed.json()["closed"]
    assert (await client.get(path)).json() == closed.json()
    assert (await client.get("/payment/orders", params={"shopper_id": draft().shopper_id})).json() == [closed.json()]
    audit = LedgerAudit.model_validate((await client.get("/payment/audit")).json())
    assert audit.paid == audit.acquired == draft().total.amount


async def test_an_order_is_cancelled_with_its_failure(client, opened):
    answer = await client.post(f"/payment/orders/{opened['id']}/cancel", json=FAILURE)
    assert (answer.json()["state"], answer.json()["failure"]) == ("cancelled", FAILURE)


async def test_suspending_answers_nothing(client, opened):
    answer = await client.post(f"/payment/orders/{opened['id']}/suspend")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_claim_answers_a_list(client, opened):
    answer = await client.post("/payment/claims", json={"limit": 5})
    assert (answer.status_code, answer.json()) == (200, [])


async def test_a_key_is_recalled(client, draft, opened):
    body = draft().model_dump(mode="json", include={"idempotency_key", "fingerprint", "shopper_id"})
    assert (await client.post("/payment/recall", json=body)).json() == opened
    unknown = await client.post("/payment/recall", json=body | {"idempotency_key": "never-seen-before"})
    assert (unknown.status_code, unknown.json()) == (200, None)


async def test_errors_are_problems_with_their_code(client, draft, opened):
    path = f"/payment/orders/{opened['id']}"
    again = draft().model_dump(mode="json")
    answers = {
        "idempotency-key-in-use": (409, await client.post("/payment/orders", json=again)),
        "idempotency-key-reused": (422, await client.post("/payment/orders", json=again | {"fingerprint": "f" * 64})),
        "conflict": (409, await client.post(f"{path}/confirm")),
        "not-found": (404, await client.get("/payment/orders/unknown-0123456789")),
        "card-declined": (402, await client.post(f"{path}/charge", json=CARD | {"number": "4000000000000002"})),
    }
    for code, (status, answer) in answers.items():
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answers["card-declined"][1].json()["reason"] == "card_declined"


async def test_a_body_that_does_not_fit_is_refused_without_an_echo(client, opened):
    answer = await client.post(f"/payment/orders/{opened['id']}/charge", json=CARD | {"code": "91734"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["body.code"]
    assert "91734" not in answer.text
    assert CARD["number"] not in answer.text


@pytest.mark.parametrize("limit", [0, 101, "many"])
async def test_a_claim_without_sense_is_refused(client, limit):
    assert (await client.post("/payment/claims", json={"limit": limit})).status_code == 422


async def test_the_component_is_ready_when_its_database_answers(client):
    answer = await client.get("/readyz")
    assert answer.json() == {"status": "ready", "components": {"payment": "ready"}}
