"""From a checkout request to `place_order`: its fingerprint, and the order's draft."""

import asyncio
import hashlib
import re
import time
from datetime import UTC, datetime

from twinshop.contracts.errors import Invalid
from twinshop.contracts.payment import Card, Delivery, Order, OrderDraft
from twinshop.contracts.values import Value
from twinshop.storefront import messages
from twinshop.storefront.basket import order_lines
from twinshop.storefront.orders.saga import place_order
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import Identity

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
DECIDED_SECONDS = 16.0
"""A call that charges may take 15 s (`charge_seconds` of the settings)."""
LOOK_SECONDS = 0.2


class CheckoutRequest(Value):
    """`expected_total` is the total that the shopper saw, in minor units; null accepts whatever it is now."""

    delivery: Delivery
    card: Card
    expected_total: int | None = None


def fingerprint(identity: Identity, request: CheckoutRequest) -> str:
    """A digest of what was asked for. Of the card only what the ledger may keep as well."""
    card = f"{request.card.digits[-4:]} {request.card.expiry_month}/{request.card.expiry_year}"
    parts = (identity.cart, card, str(request.expected_total), request.delivery.model_dump_json())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


async def decided(shop: Shop, identity: Identity, key: str, request: CheckoutRequest) -> Order | None:
    """What an order that is being placed by another request with the same key comes to; None if that takes too long."""
    end = time.monotonic() + DECIDED_SECONDS
    print_ = fingerprint(identity, request)
    while time.monotonic() < end:
        order = await shop.payments.recall(key, print_, identity.shopper)
        if order is not None and order.state != "open":
            return order
        await asyncio.sleep(LOOK_SECONDS)
    return None


async def place(shop: Shop, identity: Identity, key: str, request: CheckoutRequest, language: str) -> Order:
    """
    Place the order for what is in the visitor's cart.

    A card that cannot be right, an address with control characters (they would break the lines of a label), and a
    country to which nothing is sent are refused before anything is stored, so the key stays free (Invalid).
    """
    fault = request.card.fault(datetime.now(UTC))
    if fault is not None:
        raise Invalid(fault[1], field=f"card.{fault[0]}")
    for name, value in request.delivery:
        if CONTROL.search(value):
            raise Invalid(messages.FIELD[name], field=f"delivery.{name}")
    if request.delivery.country not in messages.COUNTRIES:
        raise Invalid(messages.NOT_THERE, field="delivery.country")
    print_ = fingerprint(identity, request)

    async def draft() -> OrderDraft:
        lines, total = await order_lines(shop, identity.cart, request.expected_total)
        return OrderDraft(
            idempotency_key=key,
            fingerprint=print_,
            shopper_id=identity.shopper,
            cart_id=identity.cart,
            lines=lines,
            total=total,
            delivery=request.delivery,
            language=language,
        )

    return await place_order(shop, draft, (key, print_, identity.shopper), request.card)
