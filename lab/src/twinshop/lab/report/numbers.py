"""Numbers as they are read."""

import re
from datetime import datetime
from math import floor, isnan, log10

from twinshop.lab.words import counted

SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
SMALLEST = 1e-4


def three_digits(value: float) -> str:
    """Such as 1.69, 12.3, 0.0410, 1,250; a dash for what is not known."""
    if isnan(value):
        return DASH
    size = abs(value)
    if size == 0:
        return "0"
    text = f"{size:.1e}" if size < SMALLEST else f"{size:,.{max(0, 2 - floor(log10(size)))}f}"
    return f"{MINUS}{text}" if value < 0 else text


def signed(value: float) -> str:
    """With its sign, for differences."""
    return f"+{three_digits(value)}" if value > 0 else three_digits(value)


def ratio(value: float) -> str:
    """Two decimals below 10, so that 1.5 and 1.50 are the same thing written alike."""
    if isnan(value):
        return DASH
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"  # noqa: PLR2004


def gibibytes(size: float) -> str:
    return f"{size / 2**30:.1f}{SPACE}GiB"


def seconds(value: float) -> str:
    """Such as `45 s`, `12 min`, `2 h 05 min`."""
    if value < 90:  # noqa: PLR2004
        return f"{value:.0f}{SPACE}s"
    minutes = round(value / 60)
    return f"{minutes}{SPACE}min" if minutes < 100 else f"{minutes // 60}{SPACE}h{SPACE}{minutes % 60:02}{SPACE}min"  # noqa: PLR2004


def moment(text: str) -> str:
    """An ISO 8601 moment as a date and a time of day, in UTC."""
    try:
        return f"{datetime.fromisoformat(text):%-d %B %Y, %H:%M} UTC"
    except ValueError:
        return text


def unbroken(text: str) -> str:
    """Return the text with no line break between a number and its unit."""
    return re.sub(r"(?<=\d) (?=(?:%|s|ms|kB|MiB)\b|%)", SPACE, text)


def plural(number: int, one: str) -> str:
    return counted(number, one, SPACE)
