"""Numbers, amounts and dates, as people write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from twinshop.contracts.values import MAX_AMOUNT, Money
from twinshop.storefront import formats
from twinshop.storefront.languages import LANGUAGES

SPACE = "\u202f"
NO_BREAK = "\u00a0"


def test_every_language_of_the_shop_has_its_habits():
    assert {len(set(language.months)) for language in LANGUAGES.values()} == {12}


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("en", "€1,234.05"),
        ("de", "1.234,05\u00a0€"),
        ("es", "1.234,05\u00a0€"),
        ("ca", "1.234,05\u00a0€"),
        ("fr", "1\u202f234,05\u00a0€"),
    ],
)
def test_amounts_are_written_as_people_do(code, written):
    assert formats.money(code, Money(amount=123405)) == written


def test_the_largest_amount_is_exact():
    assert formats.money("de", Money(amount=MAX_AMOUNT - 1)) == "9.999.999.999,99\u00a0€"


@pytest.mark.parametrize(
    ("code", "count", "time"),
    [("en", "12,345", "1,234.6"), ("fr", f"12{SPACE}345", f"1{SPACE}234,6"), ("de", "12.345", "1.234,6")],
)
def test_numbers_have_the_signs_of_the_language(code, count, time):
    assert (formats.number(code, 12345), formats.number(code, 1234.56, 1)) == (count, time)


@pytest.mark.parametrize(
    ("code", "month", "day", "written"),
    [
        ("en", 11, 29, "29 November 2026, 09:05 UTC"),
        ("es", 1, 1, "1 de enero de 2026, 09:05 UTC"),
        ("ca", 3, 2, "2 de març del 2026, 09:05 UTC"),
        ("ca", 4, 2, "2 d\u2019abril del 2026, 09:05 UTC"),
        ("ca", 10, 31, "31 d\u2019octubre del 2026, 09:05 UTC"),
        ("fr", 8, 1, "1er août 2026, 09:05 UTC"),
        ("fr", 12, 21, "21 décembre 2026, 09:05 UTC"),
        ("de", 3, 1, "1. März 2026, 09:05 UTC"),
    ],
)
def test_dates_are_written_as_people_do(code, month, day, written):
    assert formats.moment(code, datetime(2026, month, day, 9, 5, tzinfo=UTC)) == written


def test_a_moment_of_another_zone_is_told_in_utc():
    early = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))

    assert formats.moment("en", early) == "31 December 2025, 22:30 UTC"
