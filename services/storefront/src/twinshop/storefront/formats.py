"""
Numbers, amounts and dates as people write them in the language of a page.

Tables of a few habits instead of a locale library, whose data (33 MB) would be half of the storefront's image. A test
compares them with the browser's `Intl`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from twinshop.contracts.values import Money


@dataclass(frozen=True, slots=True)
class Habits:
    """`elided`: the `date` with a month that begins with a vowel; `first`: the first day, where a language has them."""

    group: str
    point: str
    date: str
    months: tuple[str, ...]
    elided: str | None = None
    first: str = "{day}"


HABITS: Mapping[str, Habits] = {
    "en": Habits(
        group=",",
        point=".",
        date="{day} {month} {year}",
        months=(
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
    ),
    "es": Habits(
        group=".",
        point=",",
        date="{day} de {month} de {year}",
        months=(
            *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
            *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
        ),
    ),
    "ca": Habits(
        group=".",
        point=",",
        date="{day} de {month} del {year}",
        elided="{day} d\u2019{month} del {year}",
        months=(
            *("gener", "febrer", "març", "abril", "maig", "juny"),
            *("juliol", "agost", "setembre", "octubre", "novembre", "desembre"),
        ),
    ),
    "fr": Habits(
        group="\u202f",
        point=",",
        date="{day} {month} {year}",
        first="{day}er",
        months=(
            *("janvier", "février", "mars", "avril", "mai", "juin"),
            *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        ),
    ),
    "de": Habits(
        group=".",
        point=",",
        date="{day}. {month} {year}",
        months=(
            *("Januar", "Februar", "März", "April", "Mai", "Juni"),
            *("Juli", "August", "September", "Oktober", "November", "Dezember"),
        ),
    ),
}


def number(language: str, value: float, digits: int = 0) -> str:
    """A number with that many digits after the point."""
    habits = HABITS[language]
    written = f"{value:,.{digits}f}"
    return written.translate({ord(","): habits.group, ord("."): habits.point})


def money(language: str, amount: Money) -> str:
    """An amount with its currency's sign."""
    units, cents = divmod(amount.amount, 100)  # never a float
    written = f"{number(language, units)}{HABITS[language].point}{cents:02}"
    return f"€{written}" if language == "en" else f"{written}\u00a0€"


def moment(language: str, at: datetime) -> str:
    """A date and a time of day, in UTC."""
    habits, at = HABITS[language], at.astimezone(UTC)
    month = habits.months[at.month - 1]
    date = habits.elided if habits.elided is not None and month[0] in "ao" else habits.date
    day = (habits.first if at.day == 1 else "{day}").format(day=at.day)
    return f"{date.format(day=day, month=month, year=at.year)}, {at:%H:%M} UTC"
