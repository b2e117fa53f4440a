"""
A shop's own products, read from a CSV or a JSON file and validated line by line.

CSV has a header with the columns `sku,name,description,category,price,stock,picture`, the last optional; prices are in
euros (`12.50`), categories are names. JSON is the data file's format, or only a list of products as in the CSV.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from io import StringIO
from typing import Any

from pydantic import ValidationError

from twinshop.catalog.analysis import fold
from twinshop.catalog.seed import CatalogueData, CategoryData, ProductData

NO_PICTURE = "no-picture"
"""Names no file: the shop then shows its picture for products without one."""
REQUIRED = ("sku", "name", "description", "category", "price", "stock")
OPTIONAL = tuple(name for name in ProductData.model_fields if name not in REQUIRED)
"""A column of the data file that needs no conversion is read without a line here."""
MAX_COMPLAINTS = 50
_PRICE = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,2}))?")


class ImportFailed(Exception):
    """The file holds no catalogue; `complaints` are one for each line that is wrong, as many as help."""

    def __init__(self, complaints: Iterable[str]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(self.complaints))


def read(content: bytes) -> CatalogueData:
    """The catalogue in a file. Raises ImportFailed."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ImportFailed([f"line {line}: not UTF-8"]) from error
    if text.lstrip()[:1] in {"{", "["}:
        return _json(text)
    return _catalogue(_csv(text))


def _json(text: str) -> CatalogueData:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ImportFailed([f"not JSON: {error}"]) from error
    if isinstance(content, list):
        return _catalogue((f"product {place}", row) for place, row in enumerate(content, start=1))
    try:
        return CatalogueData.model_validate(content)
    except ValidationError as error:
        raise ImportFailed(_complaints("", error)) from error


def _csv(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows, each with the line that it begins on."""
    header, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=header.count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = [column.strip().lower() for column in next(rows, [])]
    if missing := [column for column in REQUIRED if column not in columns]:
        raise ImportFailed([f"line 1: columns are missing: {', '.join(missing)}"])
    line = rows.line_num + 1
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise ImportFailed([f"line {line}: {error}"]) from error
        if row is None:
            return
        if len(row) == len(columns):
            yield f"line {line}", dict(zip(columns, row, strict=True))
        elif any(cell.strip() for cell in row):
            yield f"line {line}", {"cells": len(row) - len(columns)}
        line = rows.line_num + 1


def _catalogue(rows: Iterable[tuple[str, Any]]) -> CatalogueData:
    """All rows as products, their categories in the order of their first one."""
    complaints: list[str] = []
    categories: dict[str, CategoryData] = {}
    products: dict[str, ProductData] = {}
    for where, row in rows:
        try:
            product = _product(row)
            if product.category not in categories:
                categories[product.category] = _category(product, row)
        except ValidationError as error:
            complaints += _complaints(f"{where}: ", error)
        except ValueError as error:
            complaints.append(f"{where}: {error}")
        else:
            if product.sku in products:
                complaints.append(f"{where}: sku {product.sku} appears twice")
            products[product.sku] = product
        if len(complaints) > MAX_COMPLAINTS:
            raise ImportFailed([*complaints[:MAX_COMPLAINTS], "… and more"])
    if not products and not complaints:
        complaints.append("the file contains no products")
    if complaints:
        raise ImportFailed(complaints)
    return CatalogueData(categories=tuple(categories.values()), products=tuple(products.values()))


def _product(row: Any) -> ProductData:  # noqa: ANN401 - whatever the file holds
    if not isinstance(row, Mapping):
        raise ValueError("not a product")  # noqa: TRY004 - of the file, not of a caller
    if cells := row.get("cells", 0):
        raise ValueError(f"{abs(cells)} cells too {'many' if cells > 0 else 'few'}")
    price, stock = _cell(row, "price"), _cell(row, "stock")
    amount = _PRICE.fullmatch(price.removesuffix("€").strip())
    if amount is None:
        raise ValueError(f"price {price!r}: write euros as 12.50")
    if not (stock.isascii() and stock.isdigit()):
        raise ValueError(f"stock {stock!r}: write a whole number")
    slug = _slug(_cell(row, "category"))
    if not slug:
        raise ValueError("category: write a name with letters or digits")
    name = _cell(row, "name")
    return ProductData(
        sku=_cell(row, "sku"),
        name=name,
        description=_cell(row, "description") or name,
        category=slug,
        price=int(amount[1]) * 100 + int((amount[2] or "0").ljust(2, "0")),
        stock=int(stock),
        **{"picture": NO_PICTURE, **{column: cell for column in OPTIONAL if (cell := _cell(row, column))}},
    )


def _category(product: ProductData, row: Mapping[str, Any]) -> CategoryData:
    """The category of the first product that is in it."""
    name = _cell(row, "category")
    return CategoryData(slug=product.category, name=name, description=name, picture=product.picture)


def _cell(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()


@lru_cache(maxsize=1000)
def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:40].rstrip("-")


def _complaints(where: str, error: ValidationError) -> list[str]:
    return [f"{where}{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
