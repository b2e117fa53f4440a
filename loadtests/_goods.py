"""What the shop sells, read before a load begins; answers are compared with it."""

from dataclasses import dataclass
from typing import Any

from _connections import Connections, NoAnswer

LANGUAGES = ("en", "es")
SIZE = 100


class Unfit(Exception):
    """This shop cannot be loaded now: the message says why, to a person."""


@dataclass(frozen=True, slots=True)
class Product:
    """`name` and `description` by language."""

    sku: str
    price: int
    category: str
    name: dict[str, str]
    description: dict[str, str]


@dataclass(frozen=True, slots=True)
class Goods:
    """`category` is name by language, by slug."""

    products: dict[str, Product]
    on_offer: list[Product]
    category: dict[str, dict[str, str]]


def read_goods(connections: Connections) -> Goods:
    """Raises Unfit for a shop that does not answer, is degraded, or has nothing to sell."""
    products: dict[str, Product] = {}
    category: dict[str, dict[str, str]] = {}
    on_offer: dict[str, Product] = {}
    for language in LANGUAGES:
        for listed in _pages(connections, language):
            for each in listed["categories"]:
                category.setdefault(each["slug"], {})[language] = each["name"]
            for each in listed["items"]:
                sku, price = each["sku"], each["price"]["amount"]
                product = products.setdefault(sku, Product(sku, price, each["category"], {}, {}))
                product.name[language], product.description[language] = each["name"], each["description"]
                if each["available"]:
                    on_offer[sku] = product
    if not on_offer:
        raise Unfit("The shop has nothing to sell.")
    return Goods(products, list(on_offer.values()), category)


def _pages(connections: Connections, language: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while not found or len(found) < found[0]["pages"]:
        path = f"/api/products?lang={language}&size={SIZE}&page={len(found) + 1}"
        try:
            answer = connections.ask("GET", path)
        except NoAnswer as error:
            raise Unfit(f"The shop does not answer: {error}.") from error
        if answer.status != 200:  # noqa: PLR2004
            raise Unfit(f"The shop is not ready: {path} answers {answer.status}.")
        try:
            found.append(answer.json())
            if not found[-1]["translated"]:
                raise Unfit("The shop is not ready: its translator is down.")
        except (ValueError, KeyError, TypeError) as error:
            raise Unfit(f"This is no Twinshop: {path} answers something else.") from error
    return found
