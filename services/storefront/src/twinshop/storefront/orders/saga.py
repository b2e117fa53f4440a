"""
The checkout: the one use case that spans components.

    open the order (payment) ─ reserve stock (catalog) ─ charge (payment) ─ commit stock ─ confirm ─ clear the cart

Every step is idempotent by the order's id, and the ledger's state says which steps are decided, so `finish` may be
called again from any storefront at any time. Up to the charge an order without a lease is cancelled and its stock
given back; from the charge on it is completed. What is written in the ledger first always wins.

A key whose first request reached a result (paid or cancelled) gets that result again, status and body; one that did not
(a component was down) is carried on where it stopped. That is the rule of version 2 of Stripe's API.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import copy_context

from twinshop.contracts.cart import CartLine
from twinshop.contracts.catalog import StockLine
from twinshop.contracts.errors import (
    CartInUse,
    Conflict,
    Declined,
    Invalid,
    OutOfStock,
    ShopError,
    Unavailable,
    VersionMismatch,
    kinds,
)
from twinshop.contracts.payment import Card, Failure, Order, OrderDraft
from twinshop.kit.context import hops
from twinshop.storefront import messages
from twinshop.storefront.shop import Shop

ABANDONED = Failure(code="abandoned", detail="The order was not paid in time, so it was cancelled.")
RENEW_SECONDS = 1.0
"""How often a lease is renewed while somebody works on the order; the shortest lease of the ledger is 3 s."""


async def place_order(
    shop: Shop, draft: Callable[[], Awaitable[OrderDraft]], key: tuple[str, str, str], card: Card
) -> Order:
    """
    Place an order, or give the answer that its idempotency key got before.

    `draft` makes the order from the cart as it is now. When that fails (the cart is empty, a price has changed) the
    order may have been placed already by a request whose answer got lost: `key`, the idempotency key, the request's
    fingerprint and the shopper, tells. Returns a paid order. Raises the error that ended the order or prevented it.
    """
    try:
        prepared = await draft()
    except ShopError:
        known = await _recalled(shop, key)
        if known is None:
            raise
        order = known
    else:
        order = await _opened(shop, prepared)
    order = await finish(shop, order, card)
    if order.failure is not None:
        raise as_error(order)
    return order


async def _opened(shop: Shop, draft: OrderDraft) -> Order:
    """
    Open the order. A cart has one unfinished order at most: one that was left lying is finished first.

    Between the draft and this moment another order may have been paid and closed, which took its pieces out of the
    cart; from now on none can. So the cart is looked at again: what is no longer in it is not paid for.
    """
    try:
        order = await shop.payments.open(draft)
    except CartInUse as error:
        if not error.facts.get("idle"):
            raise
        await finish(shop, await shop.payments.get(str(error.facts["order_id"])), card=None)
        order = await shop.payments.open(draft)
    if order.state == "open":
        try:
            cart = await shop.carts.get(order.cart_id)
        except Unavailable:
            await _left(shop, order)
            raise
        there = {line.sku: line.quantity for line in cart.lines}
        if any(there.get(line.sku, 0) < line.quantity for line in order.lines):
            changed = Failure(code=VersionMismatch.code, detail=messages.NOT_CHANGED)
            return await _cancelled(shop, order, changed)
    return order


async def finish(shop: Shop, order: Order, card: Card | None) -> Order:
    """
    Carry an order on from wherever it stands; the order as it ends, paid or cancelled.

    Without a card an order that is not charged yet is cancelled. Raises Unavailable when a component is missing; the
    order is then carried on later. If it is charged already, `facts["order_id"]` names it.
    """
    async with _lease_renewed(shop, order):
        try:
            if order.state == "open":
                ended = _charged(shop, order, card) if card is not None else _cancelled(shop, order, ABANDONED)
                order = await ended
            if order.state == "charged":
                order = await _paid(shop, order)
        except Unavailable as error:
            if order.state == "charged":
                error.facts["order_id"] = order.id
            unfinished = error
        else:
            with suppress(Unavailable):  # the order is decided; `resume` will tidy up
                order = await _tidied(shop, order)
            return order
    await _left(shop, order)
    raise unfinished


@asynccontextmanager
async def _lease_renewed(shop: Shop, order: Order) -> AsyncIterator[None]:
    """
    Keep the order's lease for as long as this process works on the order, and no longer.

    Leases are short, so that an order whose storefront has died is carried on within seconds.
    """
    ended = asyncio.Event()

    async def until_ended() -> None:
        while not ended.is_set():
            try:
                await asyncio.wait_for(ended.wait(), RENEW_SECONDS)
            except TimeoutError:
                with suppress(ShopError):  # if another takes over meanwhile, the ledger keeps the two in step
                    await shop.payments.renew(order.id)

    apart = copy_context()
    apart.run(hops.set, None)  # a renewal that fails is no news for the page
    renewing = asyncio.create_task(until_ended(), context=apart)
    try:
        yield
    finally:
        ended.set()
        try:
            await asyncio.wait({renewing})
        finally:
            renewing.cancel()


async def _left(shop: Shop, order: Order) -> None:
    """
    Leave an unfinished order to the process that continues it.

    One that is not charged waits for its shopper, and holds no stock meanwhile: others may have the pieces. Otherwise
    a card that fails again and again would keep a product off the shelf at no cost.
    """
    if order.state == "open":
        with suppress(ShopError):
            await shop.catalog.lapse(order.id)
    with suppress(ShopError):
        await shop.payments.suspend(order.id)


async def _charged(shop: Shop, order: Order, card: Card) -> Order:
    """Reserve and charge: the order charged, or cancelled because stock or card say no."""
    lines = [StockLine(sku=line.sku, quantity=line.quantity) for line in order.lines]
    try:
        await shop.catalog.reserve(order.id, lines)
        return await shop.payments.charge(order.id, card)
    except (Declined, Invalid, OutOfStock) as error:
        return await _cancelled(shop, order, as_failure(error))
    except Unavailable:
        raise
    except ShopError as error:
        # Somebody resumed the order meanwhile, or a product has left the catalogue: the ledger knows what holds now.
        now = await shop.payments.get(order.id)
        return await _cancelled(shop, order, as_failure(error)) if now.state == "open" else now


async def _paid(shop: Shop, order: Order) -> Order:
    """Take the stock and confirm: the order paid, or refunded because its reservation ran out and the stock is gone."""
    try:
        await shop.catalog.commit(order.id)
    except OutOfStock as error:
        return await _cancelled(shop, order, as_failure(error))
    return await shop.payments.confirm(order.id)


async def _cancelled(shop: Shop, order: Order, failure: Failure) -> Order:
    try:
        return await shop.payments.cancel(order.id, failure)
    except Conflict:
        return await shop.payments.get(order.id)  # charged or paid meanwhile by another process


async def _tidied(shop: Shop, order: Order) -> Order:
    """Settle the stock of a cancelled order or the cart of a paid one, and close it."""
    if order.closed:
        return order
    if order.state == "cancelled":
        await shop.catalog.release(order.id)
    else:
        bought = [CartLine(sku=line.sku, quantity=line.quantity) for line in order.lines]
        await shop.carts.subtract(order.cart_id, bought, order.id)
    return await shop.payments.close(order.id)


async def _recalled(shop: Shop, key: tuple[str, str, str]) -> Order | None:
    """What the key led to, if it led to something and the ledger can tell."""
    try:
        order = await shop.payments.recall(*key)
    except Unavailable:
        return None
    return order if order is not None and order.state != "open" else None


def as_failure(error: ShopError) -> Failure:
    return Failure(code=error.code, detail=error.detail, facts=error.facts)


def as_error(order: Order) -> ShopError:
    """
    The error that ended an order, as it was told the first time.

    If money was taken, or may have been, the facts say what happened to it (`payment`) and to which order (`order_id`).
    """
    failure = order.failure
    assert failure is not None
    facts = dict(failure.facts)
    if order.payment.state != "not-charged":
        facts |= {"order_id": order.id, "payment": order.payment.model_dump(mode="json")}
    return kinds().get(failure.code, Conflict)(failure.detail, **facts)
