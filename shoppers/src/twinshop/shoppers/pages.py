"""
What a page of the shop says, read from its HTML.

Regular expressions and no parser: the generator must be cheaper than the shop. They rely on links, field names and a
few classes; what they do not find is a failed check, never a silent nothing.
"""

import re
from collections.abc import Iterator
from html import unescape

_TAG = re.compile(r"<[^>]+>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_INPUT = re.compile(r"<input\b[^>]*>")
_LANGUAGE = re.compile(r'<html lang="([a-z]{2})"')
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_CARD = re.compile(
    r'<a href="/product/([A-Za-z0-9._-]{1,64})">([^<]*)</a></h[23]>\s*<p class="card-price"><strong>([^<]*)</strong>'
)
_PRICE = re.compile(r'<p class="product-price"><strong>([^<]*)</strong>')
_ASSET = re.compile(r'(?:src|href)="(/static/[^"#]+)"')
_CATEGORY = re.compile(r'href="/category/([a-z0-9-]+)"')
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_LINE = re.compile(r'<li class="line">(.*?)</li>', re.DOTALL)
_LINE_TOTAL = re.compile(r'<p class="line-total">([^<]*)</p>')
_GRAND_TOTAL = re.compile(r'<div class="grand"><dt>[^<]*</dt><dd>([^<]*)</dd>')
_WARNING = re.compile(r'<p class="notice warning"[^>]*>(.*?)</p>', re.DOTALL)


def text(html: str) -> str:
    """What a reader sees of a piece of HTML."""
    return " ".join(unescape(_TAG.sub("", html)).split())


def cents(shown: str) -> int:
    """An amount as the shop writes it (`€1,234.50`, `1.234,50 €`), in minor units."""
    digits = re.sub(r"[^0-9]", "", shown)
    if len(digits) < 3:  # noqa: PLR2004 - at least 0.00
        raise ValueError(f"{shown!r} is no amount of money")
    return int(digits)


def fields(form: str) -> dict[str, str]:
    """The names and values of a form's inputs, as a browser would send them."""
    found = (dict(_ATTRIBUTE.findall(tag)) for tag in _INPUT.findall(form))
    return {tag["name"]: unescape(tag.get("value", "")) for tag in found if "name" in tag}


class Page:
    """One answer as text. Everything that must be there and is not raises ValueError."""

    def __init__(self, html: str) -> None:
        self.html = html

    def _one(self, pattern: re.Pattern[str], what: str) -> str:
        match = pattern.search(self.html)
        if match is None:
            raise ValueError(f"the page has no {what}")
        return match[1]

    @property
    def language(self) -> str:
        return self._one(_LANGUAGE, "language")

    @property
    def heading(self) -> str:
        return text(self._one(_HEADING, "heading"))

    @property
    def warning(self) -> str | None:
        """What the page says about a part of the shop that is down."""
        match = _WARNING.search(self.html)
        return None if match is None else text(match[1])

    @property
    def cards(self) -> list[tuple[str, str, int]]:
        """The products listed: SKU, name, price."""
        return [(sku, unescape(name), cents(price)) for sku, name, price in _CARD.findall(self.html)]

    @property
    def price(self) -> int:
        return cents(self._one(_PRICE, "price"))

    @property
    def lead(self) -> str:
        """The description of a product; empty without one."""
        return text(self.html.partition('<p class="lead">')[2].partition("</p>")[0])

    @property
    def categories(self) -> set[str]:
        return set(_CATEGORY.findall(self.html))

    @property
    def assets(self) -> list[str]:
        """Pictures, style, scripts; each once, in their order."""
        return list(dict.fromkeys(unescape(url) for url in _ASSET.findall(self.html)))

    @property
    def next_page(self) -> str | None:
        match = _NEXT.search(self.html)
        return None if match is None else unescape(match[1])

    def forms(self, action: str) -> Iterator[dict[str, str]]:
        for match in re.finditer(rf'<form\b[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', self.html, re.DOTALL):
            yield fields(match[1])

    def form(self, action: str, **having: str) -> dict[str, str] | None:
        """The fields of the first form that posts there and has these values."""
        found = self.forms(action)
        return next((form for form in found if all(form.get(name) == value for name, value in having.items())), None)

    @property
    def lines(self) -> dict[str, tuple[int, int]]:
        """The lines of the cart: SKU to quantity and total."""
        found = {}
        for line in _LINE.findall(self.html):
            form, total = fields(line.partition("</form>")[0]), _LINE_TOTAL.search(line)
            if total is None:
                raise ValueError("a line of the cart has no total")
            found[form["sku"]] = (int(form["quantity"]), cents(total[1]))
        return found

    @property
    def total(self) -> int:
        return cents(self._one(_GRAND_TOTAL, "total"))
