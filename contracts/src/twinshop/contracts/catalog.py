"""The catalogue's port: products, search, stock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, Field, StringConstraints

from twinshop.contracts.text import printable
from twinshop.contracts.values import MAX_AMOUNT, LanguageCode, Money, OpaqueId, Quantity, Sku, Slug, Value

MAX_SEARCH_TEXT = 100
MAX_SKUS = 100
MAX_PAGE_SIZE = 100
MAX_ORDERS = 100
MAX_LISTED = 1000
"""Number of products that a search or a filter lists and counts at most; unfiltered lists can be paged to the end."""

Price = Annotated[int, Field(ge=0, le=MAX_AMOUNT)]

Sort = Literal["featured", "name", "price", "-price"]


def _looked_for(text: str) -> str:
    """Nothing is refused in a search, and nothing that cannot be seen is looked for; composing may lengthen a text."""
    return printable(text)[:MAX_SEARCH_TEXT].strip()


class Category(Value):
    slug: Slug
    name: str
    description: str
    picture: str
    products: int = Field(ge=0, description="How many products it holds")


class Product(Value):
    """A product as the shop shows it, with texts in English, the language of the catalogue."""

    sku: Sku
    name: str
    description: str
    category: Slug
    category_name: str
    price: Money
    available: int = Field(ge=0, description="Pieces that can be bought now: on hand less reserved")
    picture: str = Field(description="File name below the storefront's /static/pictures/")


class ProductQuery(Value):
    """
    What to list: the products that a text finds, in the order of how well they match, or all of them.

    Words are found in the product's name, its category's and its description, in English and in the language of the
    query, whatever their case, accents and forms. Filters narrow the list.
    """

    text: Annotated[str, StringConstraints(max_length=MAX_SEARCH_TEXT), AfterValidator(_looked_for)] = ""
    language: LanguageCode = Field(default="en", description="In which the text is written and names are sorted")
    category: Slug | None = None
    min_price: Price | None = Field(default=None, description="In minor units")
    max_price: Price | None = None
    in_stock: bool = False
    sort: Sort = "featured"
    page: int = Field(default=1, ge=1, le=10_000)
    size: int = Field(default=24, ge=1, le=MAX_PAGE_SIZE)

    @property
    def filtered(self) -> bool:
        """By more than the category."""
        return self.in_stock or self.min_price is not None or self.max_price is not None


class Facets(Value):
    """What a search or a filter finds, as a choice to narrow it: counted up to `MAX_LISTED` products."""

    categories: dict[Slug, int] = Field(default={}, description="Products in each category, whichever is chosen")
    lowest: int | None = Field(default=None, description="Price in minor units; null: nothing was found")
    highest: int | None = None


class ProductPage(Value):
    """One page of the result, with all categories, so that a page of the shop needs one call."""

    items: tuple[Product, ...]
    total: int = Field(ge=0)
    more: bool = Field(default=False, description="There are more than `total`, which are not listed")
    page: int
    size: int
    categories: tuple[Category, ...]
    facets: Facets | None = Field(default=None, description="Null where everything is listed")
    partial: bool = Field(default=False, description="No product has every word: these have some")
    missing: tuple[str, ...] = Field(default=(), description="Words that no product has")
    corrected: str = Field(default="", description="What was looked for instead of a text with typing errors")

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


class StockLine(Value):
    sku: Sku
    quantity: Quantity


class StockTotal(Value):
    """Pieces of a product that several orders hold together."""

    sku: Sku
    quantity: int = Field(ge=1)


class Reservation(Value):
    """Stock reserved for one order; `released` also marks an order that must never reserve again."""

    order_id: OpaqueId
    state: Literal["reserved", "committed", "released"]
    lines: tuple[StockLine, ...]
    expires_at: datetime


class StockAudit(Value):
    """Total stock of all products: `initial == on_hand + sold` and `0 <= reserved <= on_hand` must hold."""

    initial: int
    on_hand: int
    reserved: int
    sold: int
    open_reservations: int
    lowest_available: int = Field(description="The smallest on hand less reserved of any product: never negative")


class Catalog(Protocol):
    async def search(self, query: ProductQuery) -> ProductPage: ...

    async def get_many(self, skus: Sequence[str]) -> tuple[Product, ...]:
        """Return the products in the requested order; unknown ones are omitted. Raises TooLarge above `MAX_SKUS`."""
        ...

    async def get_with_related(self, sku: str, related: int) -> tuple[Product, ...]:
        """
        Return one product, followed by up to `related` others of its category, the featured ones first.

        Empty for an unknown product. One call for all that its page shows. Raises TooLarge above `MAX_PAGE_SIZE`.
        """
        ...

    async def reserve(self, order_id: str, lines: Sequence[StockLine]) -> Reservation:
        """
        Set stock aside for an order: all lines or none.

        Idempotent by order. Raises OutOfStock, NotFound (unknown product), Conflict (the order was released before,
        or reserved other lines).
        """
        ...

    async def commit(self, order_id: str) -> Reservation:
        """
        Take the reserved stock off the shelf for good.

        Idempotent. A reservation that has expired is made again if the stock is still there, else OutOfStock.
        Raises NotFound (never reserved), Conflict (released before).
        """
        ...

    async def release(self, order_id: str) -> Reservation:
        """
        Give the reserved stock back. Idempotent.

        Also for an order that never reserved: a request to reserve that arrives late is then refused.
        Raises Conflict when the stock is committed.
        """
        ...

    async def lapse(self, order_id: str) -> None:
        """
        Let the reservation run out now: others may have the pieces, and the order may take them again if they are left.

        `reserve` and `commit` then do as with any reservation that has expired. Idempotent; for an order that has
        reserved nothing, or whose stock is committed or released, it changes nothing.
        """
        ...

    async def held(self, order_ids: Sequence[str]) -> tuple[StockTotal, ...]:
        """Return how many pieces of each product these orders hold now. Raises TooLarge above `MAX_ORDERS`."""
        ...

    async def audit(self) -> StockAudit: ...
