"""What people type into the checkout form, and the fingerprint of a request."""

import pytest

from twinshop.contracts.payment import Delivery
from twinshop.storefront import messages
from twinshop.storefront.orders.submit import fingerprint
from twinshop.storefront.pages.checkout_form import NOT_SEEN, SeenLine, entered, expiry_of, seen_lines
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
    "cart_version": "3",
    "seen": "KIT-001*2@945",
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
    assert set(entered({}).errors) == set(messages.FIELD)


def test_every_mistake_is_named_at_once():
    typed = {"card_number": "4242 4242 4242 4241", "expiry": "12/20", "code": "12", "name": "", "country": "ZZ"}

    errors = entered({**GOOD, **typed}).errors

    assert errors == {
        "name": messages.FIELD["name"],
        "card_number": "The card number is mistyped.",
        "expiry": "The card has expired.",
        "code": "The security code must have 3 digits.",
    }
    assert entered({**GOOD, **typed, "name": "Ada"}).errors.keys() == {"country", "card_number", "expiry", "code"}


@pytest.mark.parametrize(
    ("typed", "month", "year"),
    [
        *[
            ("1/31", 1, 2031),
            ("12-2031", 12, 2031),
            (" 07 / 31 ", 7, 2031),
            ("12 / 2030", 12, 2030),
            ("12/30", 12, 2030),
        ],
        *[("1230", 12, 2030), ("122030", 12, 2030), ("12-2030", 12, 2030), ("12.30", 12, 2030), ("12 30", 12, 2030)],
        *[("2030-12", 12, 2030), ("12\u2009/\u00a030", 12, 2030), ("12\u201330", 12, 2030), ("12\u221230", 12, 2030)],
        *[("\uff11\uff12\uff0f\uff13\uff10", 12, 2030), ("\u200e12/30", 12, 2030), ("12\u204430", 12, 2030)],
    ],
)
def test_an_expiry_date_may_be_written_in_several_ways(typed, month, year):
    assert expiry_of(typed) == (year, month)
    read = entered({**GOOD, "expiry": typed})
    assert read.request is not None
    assert (read.request.card.expiry_month, read.request.card.expiry_year) == (month, year)


@pytest.mark.parametrize("typed", ["", "13/30", "0/30", "1/3", "soon", "1/30000", "130", "1330", "2030-13", "12/3a"])
def test_what_is_no_date_is_no_expiry(typed):
    assert entered({**GOOD, "expiry": typed}).errors == {"expiry": messages.FIELD["expiry"]}


@pytest.mark.parametrize(
    "space", [" ", "\u00a0", "\u2009", "\u202f", "\u3000", "\t", "-", "\u2011", "\u2013", "\u2212", "\u200b"]
)
def test_a_number_and_a_code_may_hold_spaces_and_dashes_of_any_kind(space):
    number = space.join(["", "4242", "4242", "4242", "4242", ""])
    read = entered({**GOOD, "card_number": number, "code": f"{space}123{space}"})

    assert read.request is not None
    assert read.request.card.digits == "4242424242424242"
    assert read.request.card.code.get_secret_value() == "123"


def test_wide_digits_are_digits():
    read = entered({**GOOD, "card_number": "\uff14\uff12" * 8, "code": "\uff11\uff12\uff13"})

    assert read.request is not None
    assert read.request.card.digits == "4242424242424242"
    assert read.request.card.code.get_secret_value() == "123"


@pytest.mark.parametrize("number", ["4242 4242 4242 424x", "4242\x004242", "", "x" * 300_000])
def test_what_is_no_number_is_refused_at_its_field(number):
    assert entered({**GOOD, "card_number": number}).errors.keys() == {"card_number"}


def test_the_card_is_never_shown_again():
    shown = entered({**GOOD, "name": ""}).shown

    assert not {"card_number", "code"} & set(shown)
    assert shown["expiry"] == "12/90"
    assert "4242" not in str(shown)


@pytest.mark.parametrize("total", ["", "-1", "1.5", "9" * 20, "x"])
def test_a_total_that_is_no_amount_is_that_of_no_order(total):
    read = entered({**GOOD, "expected_total": total})

    assert read.request is not None
    assert read.request.expected_total == NOT_SEEN


@pytest.mark.parametrize("version", ["", "-1", "x", "9" * 20])
def test_a_version_that_is_none_is_that_of_no_cart(version):
    read = entered({**GOOD, "cart_version": version})

    assert read.request is not None
    assert read.request.expected_version == NOT_SEEN


def test_a_form_says_which_lines_it_showed():
    read = entered(GOOD)

    assert read.seen == {"KIT-001": SeenLine(2, 945)}
    assert read.request is not None
    assert (read.request.expected_version, read.request.expected_prices) == (3, {"KIT-001": 945})


@pytest.mark.parametrize("text", ["", "x", "KIT-001", "KIT-001*2@", "KIT-001*2@x", "-kit*2@945", "\0"])
def test_what_is_no_line_is_passed_over(text):
    assert seen_lines(text) == {}


def request(**changes):
    read = entered({**GOOD, **changes})
    assert read.request is not None
    return read.request


@pytest.mark.parametrize(
    "changes",
    [
        {"city": "Paris"},
        {"expected_total": "1"},
        {"cart_version": "4"},
        {"seen": "KIT-001*2@1"},
        {"card_number": "5555 5555 5555 4444"},
        {"expiry": "11/90"},
    ],
)
def test_another_request_has_another_fingerprint(changes):
    assert fingerprint(IDENTITY, request()) != fingerprint(IDENTITY, request(**changes))


def test_an_optional_field_of_a_later_version_does_not_change_the_fingerprint():
    class Later(Delivery):
        note: str = ""

    now = request()
    later = now.model_copy(update={"delivery": Later(**now.delivery.model_dump())})

    assert fingerprint(IDENTITY, later) == fingerprint(IDENTITY, now)
    noted = now.model_copy(update={"delivery": Later(**now.delivery.model_dump(), note="For you")})
    assert fingerprint(IDENTITY, noted) != fingerprint(IDENTITY, now)


def test_the_same_request_has_the_same_fingerprint():
    assert fingerprint(IDENTITY, request()) == fingerprint(IDENTITY, request())


@pytest.mark.parametrize("field", ["name", "street", "postcode", "city"])
def test_a_field_with_nothing_to_read_is_a_missing_one(field):
    assert entered({**GOOD, field: "\u200b\u3000"}).errors == {field: messages.FIELD[field]}


@pytest.mark.parametrize("field", ["name", "email", "street", "postcode", "city"])
def test_what_cannot_be_printed_is_refused_and_shown_again_without_it(field):
    read = entered({**GOOD, field: f"\u202e{GOOD[field]}\u2028"})

    assert read.errors == {field: messages.UNPRINTABLE}
    assert read.shown[field] == GOOD[field].strip()
    assert entered({**GOOD, **read.shown}).errors == {}


def test_the_form_stores_what_the_api_stores():
    read = entered({**GOOD, "city": " Gi\u200bro\u0301na "})

    assert read.request is not None
    assert read.request.delivery.city == "Giróna"
