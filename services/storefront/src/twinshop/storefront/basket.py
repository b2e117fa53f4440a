"""What is in the cart, with today's names, prices and stock from the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from pydantic import JsonValue

from twinshop.contracts.cart import Cart, CartChange, CartLine
from twinshop.contracts.catalog import Product
from twinshop.contracts.errors import Invalid, NotFound, PriceChanged, ShopError, Unavailable, VersionMismatch
from twinshop.contracts.payment import OrderLine
from twinshop.contracts.values import ZERO, Money
from twinshop.storefront import messages
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import Visitor, cookie_name


@dataclass(frozen=True, slots=True)
class BasketLine:
    """`product` is None when the catalogue is down or no longer has it; `problem` says why it cannot be bought."""

    sku: str
    quantity: int
    product: Product | None
    problem: str | None

    @property
    def total(self) -> Money | None:
        return None if self.product is None else self.product.price * self.quantity


@dataclass(frozen=True, slots=True)
class Basket:
    """`priced` is False when the catalogue is down."""

    cart: Cart
    lines: tuple[BasketLine, ...]
    priced: bool

    @property
    def pieces(self) -> int:
        return self.cart.pieces

    @property
    def version(self) -> int:
        return self.cart.version

    @property
    def total(self) -> Money | None:
        """None when not every line has a price."""
        total = ZERO
        for line in self.lines:
            if line.total is None:
                return None
            total += line.total
        return total

    @property
    def can_check_out(self) -> bool:
        return self.priced and bool(self.lines) and all(line.problem is None for line in self.lines)


async def united(shop: Shop, visitor: Visitor) -> Visitor:
    """
    Put the carts of a visitor who was given several identities into one.

    An interrupted request repeats it: a merge has the other cart's version in its name, so it is made once,
    and only what was merged is taken out. A cookie goes when its cart has been used here, was empty on arrival and owns
    no order; one whose cart has not may be that of another shop on this host. While the cart or the ledger is down all
    stays as it is.
    """
    if not visitor.others:
        return visitor
    stale, others = set(visitor.stale), []
    for other in visitor.others:
        others.append(other)
        try:
            cart = await shop.carts.get(other.cart)
            if cart.lines:
                change = sha256(f"{cart.id} {cart.version}".encode()).hexdigest()
                await shop.carts.merge(visitor.identity.cart, cart.lines, change)
                await shop.carts.subtract(cart.id, cart.lines, change)
            elif cart.version and not await shop.payments.find(other.shopper):
                stale.add(cookie_name(other, secure=visitor.secure))
                others.pop()
        except ShopError:
            continue
    return replace(visitor, others=tuple(others), stale=frozenset(stale))


def _line(line: CartLine, product: Product | None, *, priced: bool, held: int = 0) -> BasketLine:
    if product is not None and held:
        product = product.model_copy(update={"available": product.available + held})
    problem = None
    if product is None:
        problem = messages.GONE if priced else messages.TEMPORARY
    elif product.available == 0:
        problem = messages.SOLD_OUT
    elif product.available < line.quantity:
        problem = messages.LESS_LEFT
    return BasketLine(line.sku, line.quantity, product, problem)


async def priced(shop: Shop, cart: Cart, shopper: str) -> Basket:
    """
    The cart with its products, their stock as this shopper may have it.

    The decision for a catalogue that is down: the lines show without price.
    """
    if not cart.lines:
        return Basket(cart, (), priced=True)
    try:
        products = await shop.catalog.get_many([line.sku for line in cart.lines])
    except Unavailable:
        return Basket(cart, tuple(_line(line, None, priced=False) for line in cart.lines), priced=False)
    by_sku = {product.sku: product for product in products}
    short = any(line.sku in by_sku and by_sku[line.sku].available < line.quantity for line in cart.lines)
    held = await _held(shop, cart, shopper) if short else {}
    lines = (_line(line, by_sku.get(line.sku), priced=True, held=held.get(line.sku, 0)) for line in cart.lines)
    return Basket(cart, tuple(lines), priced=True)


async def _held(shop: Shop, cart: Cart, shopper: str) -> Mapping[str, int]:
    """Pieces by product that unfinished orders of this very cart hold: they are sold out for others only."""
    try:
        orders = await shop.payments.find(shopper)
        own = [order.id for order in orders if order.cart_id == cart.id and order.state in {"open", "charged"}]
        held = await shop.catalog.held(own) if own else ()
    except ShopError:
        return {}
    return {line.sku: line.quantity for line in held}


async def put_in(shop: Shop, cart_id: str, change: CartChange) -> Cart:
    """
    Add to the cart, or set a quantity, if the shop has such a product.

    A catalogue that is down cannot tell, and the cart takes it. Raises NotFound.
    """
    try:
        products = await shop.catalog.get_many([change.sku])
    except Unavailable:
        return await shop.carts.change(cart_id, change)
    if not products:
        raise NotFound("There is no such product in the shop.")
    return await shop.carts.change(cart_id, change)


async def order_lines(
    shop: Shop,
    cart_id: str,
    expected_total: int | None,
    *,
    version: int | None = None,
    prices: Mapping[str, int] | None = None,
) -> tuple[tuple[OrderLine, ...], Money]:
    """
    What an order placed now consists of, at the catalogue's prices, and its total.

    `expected_total`, the cart's `version` and the unit `prices` are what the shopper saw, in minor units. Stock is not
    looked at: only `reserve` can tell. Raises Invalid (empty cart), VersionMismatch, NotFound (a product has left the
    shop), PriceChanged, Unavailable.
    """
    cart = await shop.carts.get(cart_id)
    if not cart.lines:
        raise Invalid(messages.EMPTY_CART)
    if version is not None and version != cart.version:
        now: list[JsonValue] = [line.model_dump(mode="json") for line in cart.lines]
        raise VersionMismatch(messages.CHANGED_SINCE, expected=version, version=cart.version, lines=now)
    products = {product.sku: product for product in await shop.catalog.get_many([line.sku for line in cart.lines])}
    gone = [line.sku for line in cart.lines if line.sku not in products]
    if gone:
        raise NotFound(messages.GONE, skus=list(gone))
    lines = tuple(
        OrderLine(sku=line.sku, name=products[line.sku].name, quantity=line.quantity, price=products[line.sku].price)
        for line in cart.lines
    )
    total = sum((line.price * line.quantity for line in lines), start=ZERO)
    changed: list[JsonValue] = [
        {"sku": line.sku, "expected": prices.get(line.sku), "price": line.price.amount}
        for line in lines
        if prices is not None and prices.get(line.sku) != line.price.amount
    ]
    if expected_total is not None and expected_total != total.amount:
        raise PriceChanged(messages.PRICE_CHANGED, expected=expected_total, total=total.amount, prices=changed)
    if changed:
        raise PriceChanged(messages.PRICES_CHANGED, total=total.amount, prices=changed)
    return lines, total
