"""Searches, in one language after the other."""

import random
import re
from urllib.parse import quote

import _options
from _browser import check_cards, look_at
from _shelf import Item, shelf
from _visit import Shopper, expect
from locust import task

WORDS = {"en": "Cart", "es": "Cesta", "ca": "Cistella", "fr": "Panier", "de": "Warenkorb"}
"""What the link to the cart is called."""


class Searcher(Shopper):
    """Changes the language with the picker, searches for a product by its name there, looks at it."""

    weight = 2

    @task
    def search(self) -> None:
        self._speak(random.choice(_options.languages(self.options)))
        self.wait()
        item = random.choice(list(shelf(self, self.language).items.values()))
        self._find(item, item.name)
        self.wait()
        look_at(self, item)
        self.wait()
        self._find(item, max(re.findall(r"\w+", item.name), key=len))
        english = shelf(self, "en").items[item.sku].name
        self._find(item, english)
        self._find_nothing()

    def _speak(self, language: str) -> None:
        form = {"language": language, "next": "/search"}
        with self.ask("POST", "/language", name="/language", data=form, status=303) as response:
            target = response.headers.get("location")
            expect(that=target == "/search", otherwise=f"the picker leads to {target!r}")
        self.language = language
        with self.page("/search", name="/search") as page:
            found = f">{WORDS[language]}<" in page.html
            expect(that=found, otherwise=f"no {WORDS[language]!r} on a page in {language}")
            check_cards(page, shelf(self, language))

    def _find(self, item: Item, words: str) -> None:
        """The product is among what is found; every hit has its name and price. A word may be in many products."""
        url: str | None = f"/search?q={quote(words)}"
        found: list[str] = []
        while url is not None and item.sku not in found:
            with self.page(url, name="/search?q=[words]") as page:
                found += check_cards(page, shelf(self, self.language))
                url = page.next_page
                missing = item.sku not in found and url is None
                expect(that=not missing, otherwise=f"{words!r} does not find {item.sku} in {self.language}")

    def _find_nothing(self) -> None:
        with self.page("/search?q=qqxzzq", name="/search?q=[words]") as page:
            expect(that=not page.cards, otherwise="the shop finds what it does not have")
