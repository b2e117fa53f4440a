"""
The languages of the shop: one table for the picker, for what a browser may ask for, and for amounts and dates.

A table of a few habits instead of a locale library, whose data (33 MB) would be half of the storefront's image. A test
compares them with the browser's `Intl`. docs/changing.md says what else a language needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """
    One language, and how it writes numbers and dates.

    Attributes:
        name: what it calls itself.
        iso_639_2: its codes of three letters; BCP 47 has those of two instead.
        group: between the thousands of a number.
        point: before the cents.
        date: of a day, a month and a year.
        months: their names.
        price: an amount with the currency's sign.
        elided: the date with a month that begins with a vowel, where that differs.
        first: the first day of a month, where that differs.
        complete: whether all texts have to be there; what a partial language lacks is shown in English.
    """

    name: str
    iso_639_2: tuple[str, ...]
    group: str
    point: str
    date: str
    months: tuple[str, ...]
    price: str = "{amount}\u00a0€"
    elided: str | None = None
    first: str = "{day}"
    complete: bool = True


SOURCE = "en"
LANGUAGES: Mapping[str, Language] = {
    "en": Language(
        name="English",
        iso_639_2=("eng",),
        group=",",
        point=".",
        price="€{amount}",
        date="{day} {month} {year}",
        months=(
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
    ),
    "es": Language(
        name="Español",
        iso_639_2=("spa",),
        group=".",
        point=",",
        date="{day} de {month} de {year}",
        months=(
            *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
            *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
        ),
    ),
    "ca": Language(
        name="Català",
        iso_639_2=("cat",),
        group=".",
        point=",",
        date="{day} de {month} del {year}",
        elided="{day} d\u2019{month} del {year}",
        months=(
            *("gener", "febrer", "març", "abril", "maig", "juny"),
            *("juliol", "agost", "setembre", "octubre", "novembre", "desembre"),
        ),
    ),
    "fr": Language(
        name="Français",
        iso_639_2=("fra", "fre"),
        group="\u202f",
        point=",",
        date="{day} {month} {year}",
        first="{day}er",
        months=(
            *("janvier", "février", "mars", "avril", "mai", "juin"),
            *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        ),
    ),
    "de": Language(
        name="Deutsch",
        iso_639_2=("deu", "ger"),
        group=".",
        point=",",
        date="{day}. {month} {year}",
        months=(
            *("Januar", "Februar", "März", "April", "Mai", "Juni"),
            *("Juli", "August", "September", "Oktober", "November", "Dezember"),
        ),
    ),
}
