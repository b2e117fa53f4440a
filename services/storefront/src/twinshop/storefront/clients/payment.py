"""The payment over HTTP."""

from pydantic import TypeAdapter

from twinshop.contracts.payment import Card, Failure, LedgerAudit, Order, OrderDraft
from twinshop.kit.client import Remote, segment

_ORDER = TypeAdapter(Order)
_AUDIT = TypeAdapter(LedgerAudit)
_ORDERS = TypeAdapter(tuple[Order, ...])
_MAYBE_ORDER = TypeAdapter(Order | None)
_FIELDS = TypeAdapter(dict[str, str | int])


class HttpPayments:
    def __init__(self, remote: Remote, charge_seconds: float) -> None:
        self._remote = remote
        self._charge_seconds = charge_seconds

    async def open(self, draft: OrderDraft) -> Order:
        return await self._remote.read(_ORDER, "POST", "/payment/orders", draft.model_dump_json().encode())

    async def recall(self, idempotency_key: str, fingerprint: str, shopper_id: str) -> Order | None:
        fields = {"idempotency_key": idempotency_key, "fingerprint": fingerprint, "shopper_id": shopper_id}
        return await self._remote.read(_MAYBE_ORDER, "POST", "/payment/recall", _FIELDS.dump_json(dict(fields)))

    async def charge(self, order_id: str, card: Card) -> Order:
        return await self._act(order_id, "charge", card.model_dump_json().encode(), self._charge_seconds)

    async def confirm(self, order_id: str) -> Order:
        return await self._act(order_id, "confirm")

    async def cancel(self, order_id: str, failure: Failure) -> Order:
        return await self._act(order_id, "cancel", failure.model_dump_json().encode(), self._charge_seconds)

    async def close(self, order_id: str) -> Order:
        return await self._act(order_id, "close")

    async def renew(self, order_id: str) -> None:
        await self._remote.call("POST", f"/payment/orders/{segment(order_id)}/renew")

    async def suspend(self, order_id: str) -> None:
        await self._remote.call("POST", f"/payment/orders/{segment(order_id)}/suspend")

    async def claim(self, limit: int) -> tuple[Order, ...]:
        return await self._remote.read(_ORDERS, "POST", "/payment/claims", _FIELDS.dump_json({"limit": limit}))

    async def get(self, order_id: str) -> Order:
        return await self._remote.read(_ORDER, "GET", f"/payment/orders/{segment(order_id)}")

    async def find(self, shopper_id: str) -> tuple[Order, ...]:
        return await self._remote.read(_ORDERS, "GET", "/payment/orders", query={"shopper_id": shopper_id})

    async def audit(self) -> LedgerAudit:
        return await self._remote.read(_AUDIT, "GET", "/payment/audit")

    async def _act(self, order_id: str, what: str, body: bytes | None = None, seconds: float | None = None) -> Order:
        path = f"/payment/orders/{segment(order_id)}/{what}"
        return await self._remote.read(_ORDER, "POST", path, body, timeout_seconds=seconds)
