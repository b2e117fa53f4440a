"""Looks around and buys nothing: most of any shop's visitors."""

import random

from _pages import Page
from _shelf import Item, Shelf, shelf
from _visit import Shopper, expect
from locust import task


def check_cards(page: Page, shelf: Shelf) -> list[str]:
    """Every product listed has its name and its price; their SKUs."""
    for sku, name, price in page.cards:
        item = shelf.items[sku]
        expect(that=name == item.name, otherwise=f"{sku} is called {name!r}")
        expect(that=price == item.price, otherwise=f"{sku} is listed at {price}, not {item.price}")
    return [sku for sku, _, _ in page.cards]


def look_at(shopper: Shopper, item: Item) -> dict[str, str] | None:
    """A product's page; the form to buy it, or None where it is sold out."""
    with shopper.page(f"/product/{item.sku}", name="/product/[sku]") as page:
        expect(that=page.heading == item.name, otherwise=f"{item.sku} is called {page.heading!r}")
        expect(that=page.price == item.price, otherwise=f"{item.sku} costs {page.price}, not {item.price}")
        check_cards(page, shelf(shopper, shopper.language))
        return page.form("/cart/add", sku=item.sku)


class Browser(Shopper):
    """Home, a category or two, a few products."""

    weight = 5

    @task
    def look_around(self) -> None:
        known = shelf(self, self.language)
        with self.page("/", name="/") as home:
            skus = check_cards(home, known)
            expect(that=bool(skus), otherwise="the home page shows no products")
            expect(that=home.categories >= known.categories.keys(), otherwise="a category is missing")
        self.wait()
        for slug in random.sample(sorted(known.categories), k=random.choice([1, 1, 2])):
            skus += self._walk_through(known, slug)
        for sku in random.sample(skus, k=min(len(skus), random.choice([1, 2, 3]))):
            look_at(self, known.items[sku])
            self.wait()

    def _walk_through(self, known: Shelf, slug: str) -> list[str]:
        """All pages of a category, perhaps by price: every product once, none that belongs elsewhere."""
        category = known.categories[slug]
        sort = random.choice(["", "", "price", "-price"])
        url: str | None = f"/category/{slug}" + (f"?sort={sort}" if sort else "")
        skus: list[str] = []
        while url is not None:
            with self.page(url, name="/category/[slug]") as page:
                expect(that=page.heading == category.name, otherwise=f"the heading of {slug} is {page.heading!r}")
                skus += check_cards(page, known)
                url = page.next_page
                if url is None:
                    everything = {item.sku for item in known.items.values() if item.category == slug}
                    expect(that=len(skus) == len(everything), otherwise="a category misses or repeats products")
                    expect(that=set(skus) == everything, otherwise="a category lists products of another one")
                prices = [known.items[sku].price for sku in skus]
                in_order = sorted(prices, reverse=sort == "-price")
                expect(that=not sort or prices == in_order, otherwise=f"not sorted by {sort}")
            self.wait()
        return skus
