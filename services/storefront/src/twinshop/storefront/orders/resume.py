"""Finish the orders that a storefront left unfinished: it died, or a component was down for longer than it waited."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from twinshop.contracts.errors import Unavailable
from twinshop.storefront.orders.saga import finish
from twinshop.storefront.shop import Shop

BATCH = 10

log = logging.getLogger(__name__)


async def resume_unfinished(shop: Shop) -> int:
    """
    Continue every order without a lease; return how many were closed.

    Any storefront may do it at any time: the ledger hands each order to one of them. Stops quietly when a component is
    down, since the orders wait.
    """
    closed = 0
    while orders := await shop.payments.claim(BATCH):
        for order in orders:
            try:
                ended = await finish(shop, order, card=None)
            except Unavailable:
                return closed
            except Exception:  # whatever is wrong with one order, the others are not to wait for it
                log.exception("order %s cannot be finished", order.id)
                continue
            log.info("resumed order %s: %s", order.id, ended.state)
            closed += ended.closed
        if closed == 0:
            return closed  # nothing moves: a component is missing for the tidying up
    return closed


@asynccontextmanager
async def resuming(shop: Shop, pause_seconds: float) -> AsyncIterator[None]:
    """Look for unfinished orders in the background for as long as the storefront runs."""

    async def forever() -> None:
        while True:
            try:
                await resume_unfinished(shop)
            except Unavailable:
                pass  # the ledger is down; it will be asked again
            except Exception:
                log.exception("looking for unfinished orders failed")
            await asyncio.sleep(pause_seconds)

    task = asyncio.create_task(forever())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})  # unlike awaiting the task itself, it leaves a cancellation of this one alone
