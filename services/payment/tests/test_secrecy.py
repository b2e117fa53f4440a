"""A card number or security code is nowhere afterwards: not in the database, not in a log, not in an answer."""

import logging

import httpx
import pytest
from sqlalchemy import select

from twinshop.contracts.errors import Unavailable
from twinshop.kit.app import create_app
from twinshop.kit.database import Database
from twinshop.kit.settings import ServerSettings
from twinshop.payment import app
from twinshop.payment.settings import PaymentSettings
from twinshop.payment.tables import Table

pytestmark = pytest.mark.anyio

GOOD = "4242424242424242"
DECLINED = "4000000000000002"
FAILS = "4000000000000119"
FOREIGN = "6011111111111117"
MISTYPED = "4242424242424241"
NUMBERS = (GOOD, DECLINED, FAILS, FOREIGN, MISTYPED, "4242 4242 4242 4242")


async def _shop(url, draft):
    """Every way in which a card may arrive over HTTP; the answers' texts, with the statuses."""
    component = app.build(PaymentSettings(database_url=url, slow_seconds=0))
    application = create_app([component], ServerSettings(), title="test")
    heard, statuses = [], []
    transport = httpx.ASGITransport(application)
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=transport, base_url="http://payment") as client,
    ):

        async def charge(key, **card):
            opened = await client.post("/payment/orders", json=draft(key).model_dump(mode="json"))
            body = {"expiry_month": 12, "expiry_year": 2099, "code": "917"} | card
            answer = await client.post(f"/payment/orders/{opened.json()['id']}/charge", json=body)
            heard.append(opened.text + answer.text)
            statuses.append(answer.status_code)

        for key, number in enumerate((GOOD, "4242 4242 4242 4242", DECLINED, FOREIGN, FAILS, MISTYPED)):
            await charge(key, number=number)
        await charge(10, number=GOOD, expiry_month=13)  # these three are refused by the schema
        await charge(11, number=GOOD, code="91791")
        await charge(12, number=[GOOD])
    return heard, statuses


async def test_a_card_number_is_in_no_file_no_log_and_no_answer(tmp_path, draft, caplog, monkeypatch):
    monkeypatch.setattr(logging.root, "level", logging.DEBUG)
    caplog.set_level(logging.DEBUG)  # with the SQL and its parameters
    heard, statuses = await _shop(f"sqlite:///{tmp_path}/payment.db", draft)
    assert statuses == [200, 200, 402, 402, 503, 422, 422, 422, 422]
    files = [path.read_bytes() for path in tmp_path.iterdir()]
    assert any(b"payment_order" in content for content in files)
    assert "payment_charge" in caplog.text
    for number in NUMBERS:
        assert not any(number.encode() in content for content in files)
        assert number not in caplog.text
        assert not any(number in text for text in heard)


async def test_a_security_code_is_in_no_column(url, draft):
    await _shop(url, draft)
    database, cells = Database("payment", url), []
    async with database.connection() as connection:
        for table in Table.metadata.sorted_tables:
            cells += [str(cell) for row in await connection.execute(select(table)) for cell in row]
    await database.dispose()
    assert GOOD[-4:] in cells
    assert not {"917", "91791", *NUMBERS} & set(cells)


async def test_what_a_failing_acquirer_says_is_not_repeated(bench, order, card, caplog):
    async def blurt():
        raise ConnectionError(f"cannot charge {GOOD}")

    bench.acquirer.before["authorise"] = blurt
    with pytest.raises(Unavailable) as caught:
        await bench.payments.charge(order.id, card(GOOD))
    logging.getLogger("test").error("as an application would log it", exc_info=caught.value)
    assert "ConnectionError" in caplog.text
    assert GOOD not in caplog.text
