"""Reading `Server-Timing`."""

import pytest

from twinshop.lab.control.timing import Call, Timing, parsed


def test_the_calls_and_the_total_are_read():
    header = "catalog;desc=get_many;dur=3.25;start=1.50, cart;desc=get;dur=1.00;start=1.60, total;dur=9.75"

    assert parsed(header) == Timing(9.75, (Call("catalog", "get_many", 1.5, 3.25), Call("cart", "get", 1.6, 1.0)))


@pytest.mark.parametrize("header", ["", "total", "catalog;dur=soon", ";;,,", "total;dur="])
def test_what_cannot_be_understood_is_left_out(header):
    assert parsed(header) == Timing(0.0, ())
