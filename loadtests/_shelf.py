"""What the shop sells, as it says itself: read once per language from `/api/products`; pages are compared with it."""

from dataclasses import dataclass

from _visit import Shopper, expect
from gevent.lock import RLock
from locust import events

SIZE = 100


@dataclass(frozen=True, slots=True)
class Item:
    sku: str
    name: str
    price: int
    category: str


@dataclass(frozen=True, slots=True)
class Category:
    slug: str
    name: str
    products: int


@dataclass(frozen=True, slots=True)
class Shelf:
    items: dict[str, Item]
    categories: dict[str, Category]


_shelves: dict[str, Shelf] = {}
_reading = RLock()


@events.test_start.add_listener
def _forget(**_: object) -> None:
    _shelves.clear()


def shelf(shopper: Shopper, language: str) -> Shelf:
    """Ends the visit when the shop does not tell."""
    with _reading:
        if language not in _shelves:
            _shelves[language] = _read(shopper, language)
        return _shelves[language]


def _read(shopper: Shopper, language: str) -> Shelf:
    items: dict[str, Item] = {}
    page, pages = 1, 1
    while page <= pages:
        url = f"/api/products?lang={language}&size={SIZE}&page={page}"
        with shopper.ask("GET", url, name="/api/products?page=[n]") as response:
            listed = response.json()
            if not listed["translated"]:
                shopper.note_degraded("the names are not translated")
            for product in listed["items"]:
                expect(that=product["sku"] not in items, otherwise="a product is on two pages of the list")
                expect(that=product["price"]["amount"] > 0, otherwise="a product costs nothing")
                items[product["sku"]] = Item(
                    product["sku"], product["name"], product["price"]["amount"], product["category"]
                )
            pages = listed["pages"]
            expect(that=page < pages or len(items) == listed["total"], otherwise="the list of products is incomplete")
            expect(that=bool(items), otherwise="the shop sells nothing")
            categories = {
                category["slug"]: Category(category["slug"], category["name"], category["products"])
                for category in listed["categories"]
            }
        page += 1
    return Shelf(items, categories)
