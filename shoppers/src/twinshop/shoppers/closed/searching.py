"""Searches, and the language that they are in."""

from urllib.parse import quote

from twinshop.shoppers.checks import listed_products
from twinshop.shoppers.closed.visitor import Visitor
from twinshop.shoppers.goods import Product
from twinshop.shoppers.languages import CART
from twinshop.shoppers.wrong import expect


def speak(visitor: Visitor, language: str) -> None:
    """Change the language with the picker: from then on pages are in it."""
    form = {"language": language, "next": "/search"}
    with visitor.ask("POST", "/language", name="/language", data=form, status=303) as response:
        target = response.headers.get("location")
        expect(that=target == "/search", otherwise=f"the picker leads to {target!r}")
    visitor.language = language
    with visitor.page("/search", name="/search") as page:
        named = f">{CART[language]}<" in page.html
        expect(that=named, otherwise=f"no {CART[language]!r} on a page in {language}")
        listed_products(page, visitor.goods)


def find(visitor: Visitor, product: Product, words: str) -> None:
    """Search for words that the product must be found by. A word may be in many products, so all pages count."""
    url: str | None = f"/search?q={quote(words)}"
    found = False
    while url is not None and not found:
        with visitor.page(url, name="/search?q=[words]") as page:
            found = product in listed_products(page, visitor.goods)
            url = page.next_page
            expect(that=found or url is not None, otherwise=f"a search in {visitor.language} misses {product.sku}")


def find_nothing(visitor: Visitor) -> None:
    """Search for what no shop sells."""
    with visitor.page("/search?q=qqxzzq", name="/search?q=[words]") as page:
        expect(that=not page.cards, otherwise="the shop finds what it does not have")
