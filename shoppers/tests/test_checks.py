"""An acknowledged order is what was bought, or wrong."""

import pytest

from twinshop.shoppers.checks import check_order
from twinshop.shoppers.wrong import Wrong


def line(sku, quantity, price):
    return {"sku": sku, "quantity": quantity, "price": {"amount": price}}


def order(*lines, total=700, state="paid"):
    return {"state": state, "total": {"amount": total}, "lines": lines}


RIGHT = (line("A", 2, 250), line("B", 1, 200))


def test_an_order_of_what_was_in_the_cart_is_right():
    check_order(order(*RIGHT), {"B": 1, "A": 2}, 700)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (order(*RIGHT, state="open"), "an acknowledged order that is not paid"),
        (order(*RIGHT, total=701), "a wrong total of the order"),
        (order(line("A", 2, 250)), "an order that is not what was in the cart"),
        (order(line("A", 1, 250), line("B", 1, 450)), "an order that is not what was in the cart"),
        (order(*RIGHT, line("A", 2, 250)), "a product is on two lines"),
        (order(line("A", 2, 250), line("B", 1, 300)), "an order whose total is not the sum of its lines"),
    ],
)
def test_any_other_order_is_wrong(answer, told):
    with pytest.raises(Wrong, match=f"^{told}$"):
        check_order(answer, {"A": 2, "B": 1}, 700)
