"""
Whether an answer is right.

The messages contain no ids and no amounts, so that a generator can count them.
"""

from collections.abc import Mapping
from typing import Any

from twinshop.shoppers.goods import Goods, Product
from twinshop.shoppers.pages import Page
from twinshop.shoppers.wrong import Wrong, expect


def quantities(lines: list[dict[str, Any]]) -> dict[str, int]:
    """
    Return the quantity of each product in the lines of a cart or an order.

    Raises:
        Wrong: a product is on two lines.
    """
    found = {line["sku"]: line["quantity"] for line in lines}
    expect(that=len(found) == len(lines), otherwise="a product is on two lines")
    return found


def listed_products(page: Page, goods: Goods) -> list[Product]:
    """
    Return the products that a page lists.

    Raises:
        Wrong: one of them is not for sale, or has another name or price.
    """
    found = []
    for sku, name, price in page.cards:
        product = goods.products.get(sku)
        if product is None:
            raise Wrong("a product that the shop does not sell")
        expect(that=name == product.name, otherwise=f"a name not in {goods.language}")
        expect(that=price == product.price, otherwise="a wrong price")
        found.append(product)
    return found


def check_product_page(page: Page, product: Product, goods: Goods) -> None:
    """Raise Wrong unless the page shows this product, and those beside it, as the shop lists them."""
    expect(that=page.heading == product.name, otherwise=f"a name not in {goods.language}")
    expect(that=page.price == product.price, otherwise="a wrong price")
    expect(that=page.lead == product.description, otherwise=f"a description not in {goods.language}")
    listed_products(page, goods)


def check_order(order: Mapping[str, Any], lines: Mapping[str, int], total: int) -> None:
    """
    Raise Wrong unless an acknowledged order is what was bought.

    Args:
        order: as the API tells it.
        lines: the quantity of each product in the cart.
        total: of the cart, in minor units.
    """
    expect(that=order["state"] == "paid", otherwise="an acknowledged order that is not paid")
    expect(that=order["total"]["amount"] == total, otherwise="a wrong total of the order")
    expect(that=quantities(order["lines"]) == lines, otherwise="an order that is not what was in the cart")
    added = sum(line["price"]["amount"] * line["quantity"] for line in order["lines"])
    expect(that=added == total, otherwise="an order whose total is not the sum of its lines")
