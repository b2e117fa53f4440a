"""Buying in a shop from the control room: what is read from its answers."""

import pytest
from aiohttp import web

from twinshop.lab.control.order import buy
from twinshop.testing.ports import free_port

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

TIMING = "payment;desc=open;dur=2.5;start=3.0, cart;desc=get;dur=1.0;start=0.5, total;dur=9.5"


@pytest.fixture
async def shop():
    """A shop that notes what it is asked; a test changes its answers."""
    asked, answers = (
        [],
        {
            "/api/cart/lines": web.json_response({"total": {"amount": 3490}}),
            "/api/orders": web.json_response(
                {"number": "TW-1", "state": "paid"}, status=201, headers={"server-timing": TIMING, "x-request-id": "r1"}
            ),
        },
    )

    async def answer(request):
        asked.append((request.path, request.headers["idempotency-key"], await request.json()))
        return answers[request.path]

    application = web.Application()
    application.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}", asked, answers
    await runner.cleanup()


async def test_an_order_has_its_calls_in_the_order_in_which_they_began(shop):
    url, asked, _ = shop
    placed = await buy(url, "KIT-001")

    assert (placed.text, placed.request_id, placed.total) == ("Order TW-1: paid", "r1", 9.5)
    assert [(call.component, call.operation) for call in placed.calls] == [("cart", "get"), ("payment", "open")]
    assert placed.milliseconds > 0
    assert asked[1][2]["expected_total"] == 3490
    assert asked[0][1] != asked[1][1]


async def test_a_refusal_is_told_in_the_shop_s_words(shop):
    url, _, answers = shop
    answers["/api/orders"] = web.json_response({"detail": "The card was declined."}, status=402)

    assert (await buy(url, "KIT-001")).text == "The card was declined."


async def test_a_cart_that_cannot_be_filled_ends_the_purchase(shop):
    url, asked, answers = shop
    answers["/api/cart/lines"] = web.json_response({"detail": "The cart does not answer."}, status=503)

    assert (await buy(url, "KIT-001")).text == "The cart does not answer."
    assert len(asked) == 1


async def test_a_shop_that_is_down_takes_no_order():
    assert (await buy(f"http://127.0.0.1:{free_port()}", "KIT-001")).text.startswith("No order")
