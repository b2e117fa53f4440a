"""
Placing an order, for pages and API alike.

One policy decides what happens to faulty details, stale carts, double clicks, reused idempotency keys and carts that
are paid already; `submit_order` describes it.
"""

import asyncio
import hashlib
import time
from datetime import UTC, datetime

from pydantic import Field

from twinshop.contracts.errors import AlreadyPaid, Invalid, KeyInUse, KeyReused, Unavailable, invalid
from twinshop.contracts.payment import Card, Delivery, Order, OrderDraft
from twinshop.contracts.values import MAX_LINES, Sku, Value
from twinshop.storefront import messages
from twinshop.storefront.basket import order_lines
from twinshop.storefront.orders.access import latest_paid
from twinshop.storefront.orders.saga import place_order
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import Identity

PATIENCE_SECONDS = 16.0
"""How long a request waits for another one with its key; a call that charges may take 15 s (`charge_seconds`)."""
LOOK_SECONDS = 0.25


class CheckoutRequest(Value):
    """
    Where to, which card, and what the shopper saw.

    What is paid is what the shopper saw, or nothing is: each `expected_…` member that is given must hold for the cart
    as it is now. One that is left out accepts whatever it is.
    """

    delivery: Delivery
    card: Card
    expected_total: int | None = Field(default=None, description="The total that the shopper saw, in minor units")
    expected_version: int | None = Field(default=None, description="The cart's `version` when the shopper saw it")
    expected_prices: dict[Sku, int] | None = Field(
        default=None, max_length=MAX_LINES, description="The unit prices that the shopper saw, in minor units"
    )


def fingerprint(identity: Identity, request: CheckoutRequest) -> str:
    """
    Return a digest of what was asked for; of the card only what the ledger may keep as well.

    Optional fields that were not filled in do not count, so that a request is the same one to a version that knows more
    of them: a shopper may try again while the shop is being updated.
    """
    card = f"{request.card.digits[-4:]} {request.card.expiry_month}/{request.card.expiry_year}"
    parts = [identity.cart, card, str(request.expected_total)]
    parts.append(request.delivery.model_dump_json(exclude_defaults=True))
    if request.expected_version is not None:
        parts.append(f"version {request.expected_version}")
    if request.expected_prices is not None:
        parts.append(f"prices {sorted(request.expected_prices.items())}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def delivery_faults(delivery: Delivery) -> dict[str, str]:
    """Return what is wrong with an address that can be printed, by field: whether anything is sent there."""
    return {} if delivery.country in messages.COUNTRIES else {"country": messages.NOT_THERE}


async def submit_order(
    shop: Shop,
    identity: Identity,
    key: str,
    request: CheckoutRequest,
    language: str,
    *,
    key_names_form: bool = False,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Order:
    """
    Place the order for what is in the visitor's cart, and return it paid.

    - Faulty details are all refused at once, before anything is stored, so that the key stays free (Invalid).
    - A cart or price that is not what the shopper saw is refused (VersionMismatch, PriceChanged); so is an empty cart,
      which names the order that emptied it, if one did (AlreadyPaid).
    - A key whose first request reached a result gets that result again.
    - A key whose first request is in progress waits for its result, as a double click does. If that request's process
      has died, this request completes it as soon as the lease has expired. KeyInUse if that takes too long.
    - A key that came with another request is refused (KeyReused). A form's key (`key_names_form`) names the form, which
      comes back corrected: each correction is an order of its own. The ledger has one unfinished order for a cart at
      most, so a correction cannot pay beside the first try (CartInUse names the order that is being completed).
    """
    faults = {f"card.{field}": fault for field, fault in request.card.faults(datetime.now(UTC)).items()}
    faults |= {f"delivery.{field}": fault for field, fault in delivery_faults(request.delivery).items()}
    if faults:
        raise invalid(faults)
    print_ = fingerprint(identity, request)
    end = time.monotonic() + patience_seconds
    while True:
        try:
            return await _place(shop, identity, (key, print_), request, language)
        except KeyReused:
            if not key_names_form:
                raise
            key, key_names_form = hashlib.sha256(f"{key} {print_}".encode()).hexdigest(), False
        except KeyInUse:
            if time.monotonic() >= end:
                raise
            await asyncio.sleep(LOOK_SECONDS)


async def _place(
    shop: Shop, identity: Identity, key: tuple[str, str], request: CheckoutRequest, language: str
) -> Order:
    async def draft() -> OrderDraft:
        lines, total = await order_lines(
            shop,
            identity.cart,
            request.expected_total,
            version=request.expected_version,
            prices=request.expected_prices,
        )
        return OrderDraft(
            idempotency_key=key[0],
            fingerprint=key[1],
            shopper_id=identity.shopper,
            cart_id=identity.cart,
            lines=lines,
            total=total,
            delivery=request.delivery,
            language=language,
        )

    try:
        return await place_order(shop, draft, (*key, identity.shopper), request.card)
    except Invalid as error:
        if error.detail != messages.EMPTY_CART:
            raise
        try:
            paid = await latest_paid(shop, identity)
        except Unavailable:
            raise error from None
        if paid is None:
            raise
        raise AlreadyPaid(messages.ALREADY_PAID, order_id=paid.id, number=paid.number) from None
