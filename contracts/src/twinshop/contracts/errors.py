"""
The error tree of the shop.

    ShopError
    ├── Invalid             the request makes no sense as it stands
    │   ├── UnknownLanguage
    │   └── Malformed       it cannot even be read
    ├── TooLarge            more than the component takes at once
    ├── NotFound            no such product, order, page
    ├── Conflict            it made sense, but not in the present state
    │   ├── OutOfStock
    │   ├── PriceChanged
    │   ├── VersionMismatch the cart changed since it was read
    │   ├── KeyInUse        a request with this idempotency key is still being worked on
    │   ├── AlreadyPaid     what was in the cart is paid, and the cart is empty
    │   └── CartInUse       another order of the same cart is not finished
    ├── KeyReused           the idempotency key came before with another request
    ├── Declined            the card was refused
    ├── Forbidden           not for this caller: a request forged by another site
    └── Unavailable         a component, or what it stores its data in, does not answer

No status codes: `twinshop.kit.problems` owns the table between `code` and HTTP, in both directions.
"""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import JsonValue


class ShopError(Exception):
    """
    The root of the tree.

    Attributes:
        code: stable, machine-readable name of the kind of error.
        title: the same for people, equal for all errors of the kind.
        detail: what is wrong in this case, safe to show to a shopper. Pages translate it as it stands, so it is one of
            few sentences: what varies goes into the facts.
        facts: further JSON members, such as the products that are out of stock.
    """

    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str, **facts: JsonValue) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class Invalid(ShopError):
    code = "invalid-request"
    title = "The request is not valid"


class UnknownLanguage(Invalid):
    code = "unknown-language"
    title = "Unknown language"


class Malformed(Invalid):
    code = "malformed-json"
    title = "The request cannot be read"


class TooLarge(ShopError):
    code = "content-too-large"
    title = "That is more than we take at once"


class NotFound(ShopError):
    code = "not-found"
    title = "Not found"


class Conflict(ShopError):
    code = "conflict"
    title = "Not possible in the present state"


class OutOfStock(Conflict):
    """`facts["shortages"]` lists `{"sku", "requested", "available"}`."""

    code = "out-of-stock"
    title = "Out of stock"


class PriceChanged(Conflict):
    code = "price-changed"
    title = "The price has changed"


class VersionMismatch(Conflict):
    code = "version-mismatch"
    title = "The cart has changed meanwhile"


class KeyInUse(Conflict):
    code = "idempotency-key-in-use"
    title = "This order is being placed at this moment"


class AlreadyPaid(Conflict):
    """`facts` name the paid order: `order_id` and `number`."""

    code = "already-paid"
    title = "Already paid"


class CartInUse(Conflict):
    """`facts["order_id"]` is the order; `facts["idle"]` is true if it is not charged and has no lease."""

    code = "cart-in-use"
    title = "An order of this cart is being completed"


class KeyReused(ShopError):
    code = "idempotency-key-reused"
    title = "This idempotency key belongs to another request"


class Declined(ShopError):
    """`facts["reason"]` is the acquirer's machine-readable reason."""

    code = "card-declined"
    title = "The card was declined"


class Forbidden(ShopError):
    code = "forbidden"
    title = "Not allowed"


class Unavailable(ShopError):
    """`facts["component"]` names who does not answer: a component, or `acquirer`, the company that charges cards."""

    code = "unavailable"
    title = "Temporarily unavailable"

    def is_of(self, component: str) -> bool:
        """Return whether the component itself does not answer, as opposed to one that it called."""
        return self.facts.get("component", component) == component


def invalid(faults: Mapping[str, str]) -> Invalid:
    """Return the error for all invalid fields: `facts["fields"]` has all of them, `field` and `detail` the first."""
    fields: list[JsonValue] = [{"field": field, "detail": fault} for field, fault in faults.items()]
    field, fault = next(iter(faults.items()))
    return Invalid(fault, field=field, fields=fields)


def kinds() -> dict[str, type[ShopError]]:
    """Every class of error, by its code."""
    found: dict[str, type[ShopError]] = {}
    todo: list[type[ShopError]] = [ShopError]
    while todo:
        kind = todo.pop()
        found[kind.code] = kind
        todo.extend(kind.__subclasses__())
    return found
