"""The list of products, read page by page, and what must not be in it."""

import pytest

from twinshop.shoppers.goods import Goods
from twinshop.shoppers.wrong import Wrong


def item(sku, price=250, available=3):
    about = {"name": f"Product {sku}", "description": "Costs 1\u202f000\u00a0€.", "category": "toys"}
    return {"sku": sku, "price": {"amount": price}, "available": available, **about}


def listed(*items, page=1, pages=1, total=None):
    categories = [{"slug": "toys", "name": "Toys"}]
    total = len(items) if total is None else total
    return {"items": items, "page": page, "pages": pages, "total": total, "categories": categories}


def test_pages_are_read_until_the_list_is_complete():
    goods = Goods("en")

    assert goods.take(listed(item("A"), page=1, pages=2, total=2))
    assert not goods.take(listed(item("B", available=0), page=2, pages=2, total=2))

    assert goods.path(2) == "/api/products?lang=en&size=100&page=2"
    assert list(goods.products) == ["A", "B"]
    assert [product.sku for product in goods.on_offer] == ["A"]
    assert goods.categories == {"toys": "Toys"}
    assert goods.products["A"].description == "Costs 1 000 €."


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ([listed()], "the shop sells nothing"),
        ([listed(item("A"), total=2)], "the list of products is incomplete"),
        ([listed(item("A", price=0))], "a product costs nothing"),
        (
            [listed(item("A"), pages=2, total=2), listed(item("A"), page=2, pages=2, total=2)],
            "a product is on two pages of the list",
        ),
    ],
)
def test_a_list_that_cannot_be_right_is_wrong(pages, told):
    goods, *before, last = Goods("en"), *pages
    for page in before:
        goods.take(page)

    with pytest.raises(Wrong, match=told):
        goods.take(last)
