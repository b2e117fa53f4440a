"""The payment over HTTP: parse, call, return."""

from fastapi import APIRouter
from pydantic import Field

from twinshop.contracts.errors import CartInUse, Conflict, Declined, Invalid, KeyInUse, KeyReused, NotFound, Unavailable
from twinshop.contracts.payment import Card, Failure, IdempotencyKey, LedgerAudit, Order, OrderDraft, Payments
from twinshop.contracts.values import OpaqueId, Value
from twinshop.kit import problems
from twinshop.payment.service import CLAIMED_AT_MOST


class Recall(Value):
    """What a request came with; see `OrderDraft`."""

    idempotency_key: IdempotencyKey
    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")
    shopper_id: OpaqueId


class Claim(Value):
    limit: int = Field(ge=1, le=CLAIMED_AT_MOST)


def router(payments: Payments) -> APIRouter:
    """The operations of the port."""
    routes = APIRouter(prefix="/payment", tags=["payment"], responses=problems.documented(Invalid, Unavailable))
    unknown = problems.documented(NotFound)

    @routes.post("/orders", responses=problems.documented(Invalid, KeyReused, KeyInUse, CartInUse))
    async def open_order(draft: OrderDraft) -> Order:
        """Open an order and take the lease on it, or get the one that the key opened before."""
        return await payments.open(draft)

    @routes.post("/recall", responses=problems.documented(Invalid, KeyReused))
    async def recall_order(body: Recall) -> Order | None:
        """The order that a key opened before, untouched, or null."""
        return await payments.recall(body.idempotency_key, body.fingerprint, body.shopper_id)

    @routes.get("/orders")
    async def find_orders(shopper_id: OpaqueId) -> tuple[Order, ...]:
        """A shopper's orders, newest first, at most 100."""
        return await payments.find(shopper_id)

    @routes.get("/orders/{order_id}", responses=unknown)
    async def get_order(order_id: OpaqueId) -> Order:
        return await payments.get(order_id)

    @routes.post("/claims")
    async def claim_orders(body: Claim) -> tuple[Order, ...]:
        """Take the lease on open orders that have none, oldest first."""
        return await payments.claim(body.limit)

    @routes.get("/audit")
    async def audit_ledger() -> LedgerAudit:
        """All orders and charges added up, beside what the acquirer says."""
        return await payments.audit()

    _add_steps(routes, payments)
    return routes


def _add_steps(routes: APIRouter, payments: Payments) -> None:
    """What happens to one order."""
    unknown = problems.documented(NotFound)
    refused = problems.documented(NotFound, Conflict)

    @routes.post("/orders/{order_id}/charge", responses=problems.documented(NotFound, Conflict, Declined))
    async def charge_order(order_id: OpaqueId, card: Card) -> Order:
        """Charge the order's total, once however often it is called."""
        return await payments.charge(order_id, card)

    @routes.post("/orders/{order_id}/confirm", responses=refused)
    async def confirm_order(order_id: OpaqueId) -> Order:
        """From charged to paid."""
        return await payments.confirm(order_id)

    @routes.post("/orders/{order_id}/cancel", responses=refused)
    async def cancel_order(order_id: OpaqueId, failure: Failure) -> Order:
        """Cancel an order that is not paid; its charge is refunded or voided. The first failure stays."""
        return await payments.cancel(order_id, failure)

    @routes.post("/orders/{order_id}/close", responses=refused)
    async def close_order(order_id: OpaqueId) -> Order:
        """Note that nothing is left to do for a paid or cancelled order."""
        return await payments.close(order_id)

    @routes.post("/orders/{order_id}/renew", status_code=204, responses=unknown)
    async def renew_order(order_id: OpaqueId) -> None:
        """Renew the lease, if there is one."""
        await payments.renew(order_id)

    @routes.post("/orders/{order_id}/suspend", status_code=204, responses=unknown)
    async def suspend_order(order_id: OpaqueId) -> None:
        """Give up the lease: the shopper may try again at once, others later."""
        await payments.suspend(order_id)
