"""The cart with today's names, prices and stock."""

import pytest

from twinshop.contracts.cart import Cart, CartLine
from twinshop.contracts.errors import Invalid, NotFound, PriceChanged, Unavailable, VersionMismatch
from twinshop.contracts.values import Money
from twinshop.storefront import messages
from twinshop.storefront.basket import order_lines, priced
from twinshop.storefront.shop import Shop
from twinshop.testing.products import a_product

pytestmark = pytest.mark.anyio
CART_ID = "c" * 20
SHOPPER = "s" * 20


class FakeCatalog:
    def __init__(self, *products, down=False):
        self._products, self._down = {product.sku: product for product in products}, down

    async def get_many(self, skus):
        if self._down:
            raise Unavailable("down", component="catalog")
        return tuple(self._products[sku] for sku in skus if sku in self._products)


class FakeCarts:
    def __init__(self, cart):
        self._cart = cart

    async def get(self, cart_id):
        return self._cart


def cart(**quantities):
    lines = tuple(CartLine(sku=sku.replace("_", "-"), quantity=quantity) for sku, quantity in quantities.items())
    return Cart(id=CART_ID, version=1, lines=lines)


class FakePayments:
    async def find(self, shopper):
        return ()


def shop(contents, catalog):
    return Shop(catalog, FakeCarts(contents), FakePayments(), None, frozenset())


async def test_lines_and_total_are_priced_by_the_catalogue():
    contents = cart(AAA_001=2, AAA_002=1)

    basket = await priced(
        shop(contents, FakeCatalog(a_product("AAA-001"), a_product("AAA-002", price=100))), contents, SHOPPER
    )

    assert basket.total == Money(amount=2600)
    assert basket.can_check_out


@pytest.mark.parametrize(
    ("catalog", "problem"),
    [
        (FakeCatalog(), messages.GONE),
        (FakeCatalog(a_product("AAA-001", available=0)), messages.SOLD_OUT),
        (FakeCatalog(a_product("AAA-001", available=1)), messages.LESS_LEFT),
        (FakeCatalog(down=True), messages.TEMPORARY),
    ],
)
async def test_a_line_that_cannot_be_bought_says_why(catalog, problem):
    contents = cart(AAA_001=2)

    basket = await priced(shop(contents, catalog), contents, SHOPPER)

    assert basket.lines[0].problem == problem
    assert not basket.can_check_out


async def test_an_order_takes_names_and_prices_from_the_catalogue():
    lines, total = await order_lines(shop(cart(AAA_001=3), FakeCatalog(a_product("AAA-001"))), CART_ID, 3750)

    assert [(line.name, line.price.amount, line.quantity) for line in lines] == [("AAA-001", 1250, 3)]
    assert total == Money(amount=3750)


async def test_a_cart_at_another_version_than_was_seen_is_refused_with_what_is_in_it_now():
    with pytest.raises(VersionMismatch) as caught:
        await order_lines(shop(cart(AAA_001=3), FakeCatalog(a_product("AAA-001"))), CART_ID, 3750, version=7)

    assert caught.value.facts == {"expected": 7, "version": 1, "lines": [{"sku": "AAA-001", "quantity": 3}]}


async def test_a_price_that_changed_is_refused_though_the_total_is_the_same():
    catalog = FakeCatalog(a_product("AAA-001", price=200), a_product("AAA-002", price=100))

    seen = {"AAA-001": 100, "AAA-002": 200}

    with pytest.raises(PriceChanged) as caught:
        await order_lines(shop(cart(AAA_001=1, AAA_002=1), catalog), CART_ID, 300, prices=seen)

    assert caught.value.facts["prices"] == [
        {"sku": "AAA-001", "expected": 100, "price": 200},
        {"sku": "AAA-002", "expected": 200, "price": 100},
    ]


@pytest.mark.parametrize(
    ("contents", "catalog", "seen", "kind"),
    [
        (cart(), FakeCatalog(), None, Invalid),
        (cart(AAA_001=1), FakeCatalog(), None, NotFound),
        (cart(AAA_001=1), FakeCatalog(a_product("AAA-001")), 999, PriceChanged),
        (cart(AAA_001=1), FakeCatalog(down=True), None, Unavailable),
    ],
)
async def test_an_order_that_cannot_be_is_refused_for_its_reason(contents, catalog, seen, kind):
    with pytest.raises(kind) as caught:
        await order_lines(shop(contents, catalog), CART_ID, seen)

    assert type(caught.value) is kind
