"""One rule for what people type: real names pass unchanged, what no label can show does not."""

# ruff: noqa: RUF001 - names as people write them

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from twinshop.contracts.catalog import MAX_SEARCH_TEXT, ProductQuery
from twinshop.contracts.payment import Address, Delivery
from twinshop.contracts.text import UNPRINTABLE, Email, Line, printable

LINE = TypeAdapter(Line)
EMAIL = TypeAdapter(Email)
ADDRESS = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1 1AA",
    "city": "London",
    "country": "GB",
}
TEXTS = ("name", "email", "street", "postcode", "city")

REAL = (
    "Séamus Ó Súilleabháin",
    "Sinéad O\u2019Connor",
    "Niamh D'Arcy-Ní Bhriain",
    "محمد بن عبد الله",
    "می\u200cخواهم نیلوفر",  # Persian, with a non-joiner
    "שלמה בן־דוד",
    "क\u094d\u200dष",  # Devanagari, with a joiner
    "ശ്രീ\u200cകുമാർ",
    "山田 太郎",
    "葛\U000e0100城市",  # a variant of an ideograph
    "김철수",
    "Nguyễn Thị Ánh Tuyết",
    "Łukasz Żółć",
    "J\u0303o",  # a combination that has no composed form
    "X Æ A-12 Jr.",
    "C/ Major, 3, 2n 1a (bústia 4) – baixos",
    "1 & 2 Mill Row #5",
    "B",
)
INVISIBLE = (
    "\u200b",
    "\u200c\u200d",
    "\ufeff",
    "\u2060\u00ad",
    "\u3164",
    "\u2800",  # a Braille pattern without a dot
    "\u0301",
    " \u00a0\u3000",
    "",
    "...",
    "-",
)
REFUSED = (
    "\u2028",
    "\u2029",
    "\n",
    "\r",
    "\t",
    "\0",
    "\x1b",
    "\x85",
    "\u202e",
    "\u202a",
    "\u2066",
    "\u2069",
    "\U000e0041",
)
LOST = ("\ufffd", "\ufffc", "\ue000", "\u115f", "\u3164")


def error_of(adapter, text):
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(text)
    return caught.value.errors()[0]["type"]


@pytest.mark.parametrize("text", REAL)
def test_a_real_text_stays_as_it_is(text):
    assert LINE.validate_python(text) == text == printable(text)


@pytest.mark.parametrize("text", INVISIBLE)
def test_what_shows_nothing_to_read_is_refused(text):
    assert error_of(LINE, text) in {"blank", UNPRINTABLE}


@pytest.mark.parametrize("sign", [*REFUSED, *LOST])
@pytest.mark.parametrize("around", ["Gi{}rona", "{}Girona", "Girona{}"])
def test_breaks_directions_and_lost_characters_are_refused_wherever_they_stand(sign, around):
    assert error_of(LINE, around.format(sign)) == UNPRINTABLE


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Ada \u00a0 Byron\u3000", "Ada Byron"),
        ("Jose\u0301", "José"),
        ("Ada\u200b Byron\ufeff", "Ada Byron"),
        ("Straß\u00adburg", "Straßburg"),
        ("A\u200dda", "Ada"),
        ("می\u200c\u200cخواهم", "می\u200cخواهم"),
        ("e\u200d\u0301", "é"),
    ],
)
def test_what_looks_the_same_is_stored_the_same(typed, stored):
    assert LINE.validate_python(typed) == stored


@given(st.text())
def test_a_refused_text_can_be_shown_again_without_what_was_refused(text):
    shown = printable(text)

    assert printable(shown) == shown == unicodedata.normalize("NFC", shown)
    if any(unicodedata.category(char)[0] in "LN" for char in shown):
        assert LINE.validate_python(shown) == shown
    else:
        assert error_of(LINE, shown) == "blank"


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com",
        "o'hara+shop@mail.example.ie",
        "用户@例子.公司",
        "josé@exàmple.cat",
        "a_b@x-y.example",
        "1@2.de",
    ],
)
def test_an_address_that_a_mail_could_reach_is_taken(address):
    assert EMAIL.validate_python(f" {address} ") == address


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "ada@example",
        "@example.com",
        "ada@",
        "ada@@example.com",
        "ada@.com",
        "ada@example.",
        "ada@-example.com",
        "ada@exa_mple.com",
        "ada byron@example.com",
        "ada@exam\u2028ple.com",
        "\u200b@example.com",
        "ada@\u200b.com",
        "ada@example.com, eve@example.com",
        "x" * 250 + "@a.de",
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValidationError):
        EMAIL.validate_python(address)


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("bad", ["\u200b", "A\u202eB", "A\u2028B"])
def test_every_field_of_an_address_is_held_to_it(field, bad):
    with pytest.raises(ValidationError) as caught:
        Delivery.model_validate({**ADDRESS, field: bad})

    assert [item["loc"] for item in caught.value.errors()] == [(field,)]


@pytest.mark.parametrize(("field", "longest"), [("name", 120), ("street", 120), ("city", 120), ("postcode", 12)])
def test_a_length_counts_what_is_stored(field, longest):
    stored = Delivery.model_validate({**ADDRESS, field: "e\u0301" * longest})

    assert getattr(stored, field) == "é" * longest
    with pytest.raises(ValidationError):
        Delivery.model_validate({**ADDRESS, field: "é" * (longest + 1)})


def test_an_order_from_before_the_rule_can_still_be_read():
    assert Address.model_validate({**ADDRESS, "name": "\u200b", "city": "Gi\u2028rona"}).name == "\u200b"


@pytest.mark.parametrize(
    ("typed", "looked_for"),
    [("tet\u200bera", "tetera"), (" a\u2028 b\t", "a b"), ("\u202eabc", "abc"), ("\u200b", ""), ("cafe\u0301", "café")],
)
def test_a_search_looks_for_what_can_be_seen(typed, looked_for):
    assert ProductQuery(text=typed).text == looked_for


def test_a_search_that_grows_by_being_composed_is_cut():
    assert len(ProductQuery(text="\u0958" * MAX_SEARCH_TEXT).text) == MAX_SEARCH_TEXT
