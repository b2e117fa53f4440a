"""What people type into the checkout form, and the fingerprint of a request."""

import pytest

from twinshop.storefront import messages
from twinshop.storefront.orders.submit import fingerprint
from twinshop.storefront.pages.checkout_form import NO_TOTAL, entered
from twinshop.storefront.visitor import Identity

GOOD = {
    "name": " Ada Byron ",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1",
    "city": "London",
    "country": "GB",
    "card_number": "4242 4242 4242 4242",
    "expiry": "12/90",
    "code": "123",
    "expected_total": "1890",
}
IDENTITY = Identity(shopper="s" * 20, cart="c" * 20)


def test_a_complete_form_is_a_request():
    read = entered(GOOD)

    assert read.errors == {}
    assert read.request is not None
    assert (read.request.delivery.name, read.request.expected_total) == ("Ada Byron", 1890)


@pytest.mark.parametrize("field", ["name", "email", "street", "postcode", "city", "country", "expiry"])
def test_a_missing_field_is_named_with_its_message(field):
    read = entered({**GOOD, field: ""})

    assert read.errors == {field: messages.FIELD[field]}
    assert read.request is None


def test_an_empty_form_names_every_field():
    assert set(entered({}).errors) >= {"name", "email", "street", "postcode", "city", "country", "expiry"}


@pytest.mark.parametrize(("typed", "month", "year"), [("1/31", 1, 2031), ("12-2031", 12, 2031), (" 07 / 31 ", 7, 2031)])
def test_an_expiry_date_may_be_written_in_several_ways(typed, month, year):
    read = entered({**GOOD, "expiry": typed})

    assert read.request is not None
    assert (read.request.card.expiry_month, read.request.card.expiry_year) == (month, year)


@pytest.mark.parametrize("typed", ["13/30", "0/30", "1/3", "soon", "1/30000"])
def test_what_is_no_date_is_no_expiry(typed):
    assert "expiry" in entered({**GOOD, "expiry": typed}).errors


def test_the_card_is_never_shown_again():
    shown = entered({**GOOD, "name": ""}).shown

    assert not {"card_number", "code", "expiry"} & set(shown)
    assert "4242" not in str(shown)


@pytest.mark.parametrize("total", ["", "-1", "1.5", "9" * 20, "x"])
def test_a_total_that_is_no_amount_is_that_of_no_order(total):
    read = entered({**GOOD, "expected_total": total})

    assert read.request is not None
    assert read.request.expected_total == NO_TOTAL


def request(**changes):
    read = entered({**GOOD, **changes})
    assert read.request is not None
    return read.request


@pytest.mark.parametrize(
    "changes", [{"city": "Paris"}, {"expected_total": "1"}, {"card_number": "5555 5555 5555 4444"}, {"expiry": "11/90"}]
)
def test_another_request_has_another_fingerprint(changes):
    assert fingerprint(IDENTITY, request()) != fingerprint(IDENTITY, request(**changes))


def test_the_same_request_has_the_same_fingerprint():
    assert fingerprint(IDENTITY, request()) == fingerprint(IDENTITY, request())
