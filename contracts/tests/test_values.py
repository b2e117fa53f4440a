"""Money, cards and errors: the rules that every component relies on."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from twinshop.contracts.errors import OutOfStock, ShopError, invalid, kinds
from twinshop.contracts.payment import Card
from twinshop.contracts.values import Money, Sku

NOW = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


def card(number="4242424242424242", month=12, year=2030, code="123"):
    return Card.model_validate({"number": number, "expiry_month": month, "expiry_year": year, "code": code})


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 99)), max_size=50))
def test_money_adds_up_exactly(lines):
    total = Money(amount=0)
    for price, quantity in lines:
        total += Money(amount=price) * quantity

    assert sum(price * quantity for price, quantity in lines) == total.amount


@pytest.mark.parametrize("amount", [-1, 10**12 + 1, 1.5, "1.5"])
def test_money_is_a_whole_number_of_minor_units_within_bounds(amount):
    with pytest.raises(ValidationError):
        Money(amount=amount)


@pytest.mark.parametrize(
    "number",
    [
        *["4242424242424242", "4242 4242 4242 4242", "5555-5555-5555-4444", "4242\u00a04242\u00a04242\u00a04242"],
        *["4242\u202f4242\u20094242\u30004242", "5555\u20105555\u20135555\u22124444", "\u200e4242424242424242\t"],
    ],
)
def test_a_good_card_has_no_fault(number):
    assert card(number, code=" 123\u00a0").faults(NOW) == {}
    assert card(number).digits.isdecimal()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "4242424242424241"}, "number"),
        ({"number": "42"}, "number"),
        ({"number": "4242x24242424242"}, "number"),
        ({"number": "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"}, "number"),
        ({"month": 10, "year": 2026}, "expiry"),
        ({"code": "12"}, "code"),
        ({"code": "12a"}, "code"),
        ({"number": "378282246310005", "code": "123"}, "code"),
    ],
)
def test_a_bad_card_names_the_field_that_cannot_be_right(changes, field):
    assert card(**changes).faults(NOW).keys() == {field}


def test_a_bad_card_names_every_field_that_cannot_be_right():
    faults = card("4242424242424241", 10, 2026, "12").faults(NOW)

    assert faults == {
        "number": "The card number is mistyped.",
        "expiry": "The card has expired.",
        "code": "The security code must have 3 digits.",
    }


def test_an_error_of_many_fields_names_all_and_tells_the_first():
    error = invalid({"card.number": "Mistyped.", "card.code": "Too short."})

    assert (error.detail, error.facts["field"]) == ("Mistyped.", "card.number")
    assert error.facts["fields"] == [
        {"field": "card.number", "detail": "Mistyped."},
        {"field": "card.code", "detail": "Too short."},
    ]


def test_a_card_is_good_through_the_last_day_of_its_month():
    assert card(month=11, year=2026).faults(NOW) == {}


@given(st.text("0123456789", min_size=11, max_size=18), st.integers(0, 15), st.integers(1, 9))
def test_luhn_finds_every_single_mistyped_digit(payload, place, shift):
    valid = next(payload + str(d) for d in range(10) if "number" not in card(payload + str(d)).faults(NOW))
    at = place % len(valid)
    mistyped = valid[:at] + str((int(valid[at]) + shift) % 10) + valid[at + 1 :]

    assert "number" in card(mistyped).faults(NOW)


def test_a_card_hides_its_number_in_repr_and_shows_it_on_the_wire():
    shown = card()

    assert "4242" not in repr(shown)
    assert "4242424242424242" in shown.model_dump_json()


def test_every_kind_of_error_has_a_code_of_its_own():
    def tree(kind):
        return [kind, *(found for below in kind.__subclasses__() for found in tree(below))]

    assert len(set(tree(ShopError))) == len(kinds())


def test_an_error_keeps_its_facts():
    error = OutOfStock("Sold out.", shortages=[{"sku": "KIT-001"}])

    assert error.facts == {"shortages": [{"sku": "KIT-001"}]}
    assert error.detail == "Sold out."


@pytest.mark.parametrize("sku", ["KIT-001", "a", "9", "x_1.b-2", "A" * 64])
def test_keys_are_those_that_shops_have(sku):
    assert TypeAdapter(Sku).validate_python(sku) == sku


@pytest.mark.parametrize("sku", ["", ".", "..", "-a", "a b", "a/b", "A" * 65, "KIT-001\n", "ñ", "a*b", "a@b"])
def test_keys_hold_what_an_address_can_hold_as_it_is(sku):
    with pytest.raises(ValidationError):
        TypeAdapter(Sku).validate_python(sku)
