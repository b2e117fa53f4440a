"""What is in the cart, with today's names, prices and stock from the catalogue."""

from dataclasses import dataclass

from twinshop.contracts.cart import Cart, CartChange, CartLine
from twinshop.contracts.catalog import Product
from twinshop.contracts.errors import Invalid, NotFound, PriceChanged, Unavailable
from twinshop.contracts.payment import OrderLine
from twinshop.contracts.values import ZERO, Money
from twinshop.storefront import messages
from twinshop.storefront.shop import Shop


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


def _line(line: CartLine, product: Product | None, *, priced: bool) -> BasketLine:
    problem = None
    if product is None:
        problem = messages.GONE if priced else messages.TEMPORARY
    elif product.available == 0:
        problem = messages.SOLD_OUT
    elif product.available < line.quantity:
        problem = messages.LESS_LEFT
    return BasketLine(line.sku, line.quantity, product, problem)


async def priced(shop: Shop, cart: Cart) -> Basket:
    """The cart with its products. The decision for a catalogue that is down: the lines show without price."""
    if not cart.lines:
        return Basket(cart, (), priced=True)
    try:
        products = await shop.catalog.get_many([line.sku for line in cart.lines])
    except Unavailable:
        return Basket(cart, tuple(_line(line, None, priced=False) for line in cart.lines), priced=False)
    by_sku = {product.sku: product for product in products}
    return Basket(cart, tuple(_line(line, by_sku.get(line.sku), priced=True) for line in cart.lines), priced=True)


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


async def order_lines(shop: Shop, cart_id: str, expected_total: int | None) -> tuple[tuple[OrderLine, ...], Money]:
    """
    What an order placed now consists of, at the catalogue's prices, and its total.

    `expected_total` is what the shopper saw, in minor units. Stock is not looked at: only `reserve` can tell, since
    pieces that a first try of the same order reserved look as if they were gone. Raises Invalid (empty cart), NotFound
    (a product has left the shop), PriceChanged, Unavailable.
    """
    cart = await shop.carts.get(cart_id)
    if not cart.lines:
        raise Invalid(messages.EMPTY_CART)
    products = {product.sku: product for product in await shop.catalog.get_many([line.sku for line in cart.lines])}
    gone = [line.sku for line in cart.lines if line.sku not in products]
    if gone:
        raise NotFound(messages.GONE, skus=list(gone))
    lines = tuple(
        OrderLine(sku=line.sku, name=products[line.sku].name, quantity=line.quantity, price=products[line.sku].price)
        for line in cart.lines
    )
    total = sum((line.price * line.quantity for line in lines), start=ZERO)
    if expected_total is not None and expected_total != total.amount:
        raise PriceChanged(messages.PRICE_CHANGED, expected=expected_total, total=total.amount)
    return lines, total
