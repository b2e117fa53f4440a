"""Products and catalogues: a test names the members that it is about, and a new one needs an edit only here."""

from collections.abc import Iterable, Mapping
from typing import Any

from twinshop.contracts.catalog import Product
from twinshop.contracts.values import Money


def a_product(sku: str = "AAA-001", *, price: int = 1250, **members: Any) -> Product:  # noqa: ANN401 - any member
    """Return a product as the catalogue answers it; `price` in cents."""
    usual = {
        "name": sku,
        "description": f"It is {sku}",
        "category": "all",
        "category_name": "All",
        "available": 10,
        "picture": f"{sku.lower()}.webp",
    }
    return Product(sku=sku, price=Money(amount=price), **(usual | members))


def product_data(sku: str = "AAA-001", **members: Any) -> dict[str, Any]:  # noqa: ANN401 - any member
    """Return a product as the data file of the catalogue has it."""
    usual = {
        "name": sku,
        "description": f"It is {sku}",
        "category": "all",
        "price": 1250,
        "stock": 10,
        "picture": f"{sku.lower()}.webp",
    }
    return {"sku": sku, **usual, **members}


def category_data(slug: str, **members: Any) -> dict[str, Any]:  # noqa: ANN401 - any member
    """Return a category as the data file of the catalogue has it."""
    usual = {"name": slug.title(), "description": f"It is {slug}", "picture": f"{slug}.webp"}
    return {"slug": slug, **usual, **members}


def catalogue_data(
    products: Iterable[dict[str, Any]], categories: Iterable[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the content of a data file; by default with the categories that its products are in."""
    listed = list(products)
    if categories is None:
        categories = map(category_data, dict.fromkeys(product["category"] for product in listed))
    return {"categories": [dict(category) for category in categories], "products": listed}
