"""
The payment's port: the ledger of orders and their charges.

An order's state says what has been decided; `closed` says that nothing is left to do for it.

    open ── charge accepted ──> charged ── confirm ──> paid
      └──── cancel ───┬────────────┘ (the charge is refunded)
                      └──> cancelled

The charge is the point of no return: before it, an order without a lease is cancelled; after it, it is completed.
"""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import Field, JsonValue, SecretStr, StringConstraints, field_serializer, field_validator

from twinshop.contracts.text import Email, Line
from twinshop.contracts.values import MAX_LINES, LanguageCode, Money, OpaqueId, Quantity, Sku, Value

Text = Annotated[Line, StringConstraints(max_length=120)]
IdempotencyKey = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{8,255}$")]


SEPARATORS = frozenset({"Zs", "Zl", "Zp", "Pd", "Cf"})
"""Unicode categories of what people, autofill and clipboards put between and round the digits of a card."""
MOST_TYPED = 200
"""Longer texts are not tidied up: no card's number or code is that long."""


def typed_digits(text: str) -> str:
    """Return what was typed into a card field without spaces and dashes of any kind, and with plain digits."""
    if len(text) > MOST_TYPED:
        return text
    return "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if not (character.isspace() or character == "\u2212" or unicodedata.category(character) in SEPARATORS)
    )


def number_fault(digits: str) -> str | None:
    """Return why a card number cannot be right, by its length and Luhn's check digit (ISO/IEC 7812-1)."""
    if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19):  # noqa: PLR2004
        return "The card number must have 12 to 19 digits."
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    if (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 != 0:
        return "The card number is mistyped."
    return None


def expiry_fault(year: int, month: int, at: datetime) -> str | None:
    """Return why a card is no longer good: it is through the last day of its month, UTC."""
    return "The card has expired." if (year, month) < (at.year, at.month) else None


def code_fault(code: str, digits: str) -> str | None:
    """Return why a security code cannot be right; beside a number that cannot be either, it may have either length."""
    length = 4 if digits.startswith(("34", "37")) else 3
    lengths = {length} if number_fault(digits) is None else {3, 4}
    if code.isascii() and code.isdigit() and len(code) in lengths:
        return None
    return "The security code must have 4 digits." if length == 4 else "The security code must have 3 digits."  # noqa: PLR2004


class Card(Value):
    """
    A payment card. Its number and code are never stored, logged or shown: `repr` hides them.

    Both are taken as people type them, with spaces and dashes of any kind.
    """

    number: SecretStr = Field(max_length=32)
    expiry_month: int = Field(ge=1, le=12)
    expiry_year: int = Field(ge=2000, le=2100)
    code: SecretStr = Field(max_length=4)

    @field_validator("number", "code", mode="before")
    @classmethod
    def _tidy(cls, typed: object) -> object:
        text = typed.get_secret_value() if isinstance(typed, SecretStr) else typed
        return SecretStr(typed_digits(text)) if isinstance(text, str) else typed

    @field_serializer("number", "code", when_used="json")
    def _reveal(self, secret: SecretStr) -> str:
        return secret.get_secret_value()

    @property
    def digits(self) -> str:
        return self.number.get_secret_value()

    def faults(self, at: datetime) -> dict[str, str]:
        """Return what cannot be right, by field (`number`, `expiry`, `code`); empty if the acquirer is to be asked."""
        found = {
            "number": number_fault(self.digits),
            "expiry": expiry_fault(self.expiry_year, self.expiry_month, at),
            "code": code_fault(self.code.get_secret_value(), self.digits),
        }
        return {field: fault for field, fault in found.items() if fault is not None}


class CardSummary(Value):
    brand: Literal["Visa", "Mastercard", "American Express", "Card"]
    last4: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]


class Address(Value):
    """Shipping address of an order as stored in the ledger. Older orders stay readable when the rules change."""

    name: str
    email: str
    street: str
    postcode: str
    city: str
    country: str = Field(description="ISO 3166-1 alpha-2")


class Delivery(Address):
    """Shipping address of a new order: every field has something to print on a label."""

    name: Text
    email: Email
    street: Text
    postcode: Annotated[Line, StringConstraints(min_length=2, max_length=12)]
    city: Text
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = Field(description="ISO 3166-1 alpha-2")


class OrderLine(Value):
    """A bought product, with its name and unit price at the time of the order."""

    sku: Sku
    name: str = Field(max_length=200)
    quantity: Quantity
    price: Money


class OrderDraft(Value):
    """An order to be opened. `fingerprint` is a digest of the request that `idempotency_key` came with."""

    idempotency_key: IdempotencyKey
    fingerprint: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    shopper_id: OpaqueId
    cart_id: OpaqueId
    lines: tuple[OrderLine, ...] = Field(min_length=1, max_length=MAX_LINES)
    total: Money
    delivery: Delivery
    language: LanguageCode = "en"


class Failure(Value):
    """Why an order was cancelled: a `ShopError` as data, so that the same response can be given again."""

    code: str = Field(max_length=60)
    detail: str = Field(max_length=500)
    facts: dict[str, JsonValue] = Field(default_factory=dict)


class OrderPayment(Value):
    """
    What has happened to an order's money, as far as the ledger knows: all of the total, or nothing of it.

    `unknown`: the card company was asked to charge, and what it did is not known yet; the order's end settles it.
    `refunding`: it was charged, the order is cancelled, and the money is on its way back; why is the order's `failure`.
    """

    state: Literal["not-charged", "unknown", "charged", "refunding", "refunded"]
    refunded_at: datetime | None = None


class Order(Value):
    id: OpaqueId
    number: str = Field(description="For people: short, unique, without look-alike characters")
    state: Literal["open", "charged", "paid", "cancelled"]
    closed: bool = Field(description="Nothing is left to do: stock and cart are settled too")
    shopper_id: OpaqueId
    cart_id: OpaqueId
    lines: tuple[OrderLine, ...]
    total: Money
    delivery: Address
    language: LanguageCode
    card: CardSummary | None = None
    failure: Failure | None = None
    payment: OrderPayment = Field(
        default=OrderPayment(state="unknown"), description="What has happened to the money: the total, or nothing"
    )
    created_at: datetime
    updated_at: datetime


class LedgerAudit(Value):
    """
    All orders and charges added up, in minor units.

    `charged - refunded == paid` must hold once `unclosed` is 0; `double_charges` must always be 0.
    """

    orders: dict[str, int] = Field(description="Number of orders by state")
    unclosed: int
    charged: int
    refunded: int
    paid: int = Field(description="Total of the orders that are charged or paid")
    double_charges: int = Field(description="Orders with more than one charge that was accepted")
    acquired: int = Field(description="What the acquirer itself says it has taken, less what it gave back")


class Payments(Protocol):
    async def open(self, draft: OrderDraft) -> Order:
        """
        Open an order and take the lease on it, or return the one that the key opened before.

        An order that is neither paid nor cancelled comes back with a new lease, to be completed. Raises KeyReused
        (same key, other fingerprint), KeyInUse (another storefront holds the lease), CartInUse: with another key an
        order of the same cart was opened that is neither cancelled nor closed. Until then the cart holds what is paid
        for, so a shopper who tries again in another way would pay for it twice. A key is the shopper's own: the same
        one of another shopper names another order.
        """
        ...

    async def recall(self, idempotency_key: str, fingerprint: str, shopper_id: str) -> Order | None:
        """Return the order that the key opened before, without changing it, or None. Raises KeyReused."""
        ...

    async def charge(self, order_id: str, card: Card) -> Order:
        """
        Charge the order's total: at most once, however often it is called. Renews the lease.

        Raises Invalid (not a valid card), Declined, Conflict (cancelled before), Unavailable (the acquirer did not
        say yes or no: call again to find out), NotFound.
        """
        ...

    async def confirm(self, order_id: str) -> Order:
        """Confirm a charged order: it becomes paid. Idempotent. Raises Conflict in any other state, NotFound."""
        ...

    async def cancel(self, order_id: str, failure: Failure) -> Order:
        """
        Cancel an order that is not charged, voiding a charge under way.

        A charged order is cancelled only for lack of stock (the failure's code is out-of-stock), and refunded.
        Idempotent: the first failure stays. Raises Conflict (paid, or charged: it is to be completed), NotFound,
        Unavailable (the acquirer).
        """
        ...

    async def close(self, order_id: str) -> Order:
        """Close a paid or cancelled order that is settled. Idempotent. Raises Conflict, NotFound."""
        ...

    async def renew(self, order_id: str) -> None:
        """Renew the lease; call it repeatedly while processing the order. Raises NotFound."""
        ...

    async def suspend(self, order_id: str) -> None:
        """Release the lease. The shopper may retry at once; `claim` finds the order after a grace period."""
        ...

    async def claim(self, limit: int) -> tuple[Order, ...]:
        """Take the lease on open orders without one, oldest first."""
        ...

    async def get(self, order_id: str) -> Order:
        """Raises NotFound."""
        ...

    async def find(self, shopper_id: str) -> tuple[Order, ...]:
        """Return the shopper's orders, newest first, at most 100."""
        ...

    async def audit(self) -> LedgerAudit: ...
