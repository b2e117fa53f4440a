"""Numbers, amounts and dates as people write them in the language of a page."""

from datetime import UTC, datetime

from twinshop.contracts.values import Money
from twinshop.storefront.languages import LANGUAGES

_SIGNS = {language: str.maketrans(",.", habits.group + habits.point) for language, habits in LANGUAGES.items()}
"""From the signs that Python writes to those of each language."""


def number(language: str, value: float, digits: int = 0) -> str:
    """A number with that many digits after the point."""
    return f"{value:,.{digits}f}".translate(_SIGNS[language])


def money(language: str, amount: Money) -> str:
    """An amount with its currency's sign."""
    units, cents = divmod(amount.amount, 100)  # never a float
    written = f"{number(language, units)}{LANGUAGES[language].point}{cents:02}"
    return LANGUAGES[language].price.format(amount=written)


def moment(language: str, at: datetime) -> str:
    """A date and a time of day, in UTC."""
    habits, at = LANGUAGES[language], at.astimezone(UTC)
    month = habits.months[at.month - 1]
    date = habits.elided if habits.elided is not None and month[0] in "ao" else habits.date
    day = (habits.first if at.day == 1 else "{day}").format(day=at.day)
    return f"{date.format(day=day, month=month, year=at.year)}, {at:%H:%M} UTC"
