"""What the shop sells in one language, as it says itself under `/api/products`; other answers are compared with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twinshop.shoppers.wrong import expect

SIZE = 100
"""Products on a page of the list: the most that the shop allows."""


@dataclass(frozen=True, slots=True)
class Product:
    """`price` in minor units; `available` as it was when the list was read."""

    sku: str
    name: str
    description: str
    price: int
    category: str
    available: int


@dataclass
class Goods:
    """
    What has been read so far, one page of the list after the other.

    Attributes:
        language: of all names and descriptions.
        products: by number (SKU).
        categories: the name of each, by slug.
    """

    language: str
    products: dict[str, Product] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)

    @property
    def on_offer(self) -> list[Product]:
        """The products in stock."""
        return [product for product in self.products.values() if product.available]

    def path(self, page: int) -> str:
        """Return the path of a page of the list, from 1."""
        return f"/api/products?lang={self.language}&size={SIZE}&page={page}"

    def take(self, listed: Mapping[str, Any]) -> bool:
        """
        Add a page of the list.

        Returns:
            Whether there are more pages.

        Raises:
            Wrong: a product is listed twice or costs nothing, or products are missing.
        """
        for each in listed["items"]:
            sku, price = each["sku"], each["price"]["amount"]
            expect(that=sku not in self.products, otherwise="a product is on two pages of the list")
            expect(that=price > 0, otherwise="a product costs nothing")
            description = " ".join(each["description"].split())  # as `pages` reads it: French has wider spaces
            about = (each["name"], description, price, each["category"], each["available"])
            self.products[sku] = Product(sku, *about)
        self.categories = {each["slug"]: each["name"] for each in listed["categories"]}
        more: bool = listed["page"] < listed["pages"]
        expect(that=bool(self.products), otherwise="the shop sells nothing")
        expect(that=more or len(self.products) == listed["total"], otherwise="the list of products is incomplete")
        return more
