"""Home, categories, search, product."""

import re
from typing import Annotated, TypedDict

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from twinshop.contracts.catalog import MAX_SEARCH_TEXT, Category, ProductPage, ProductQuery, Sort
from twinshop.contracts.errors import NotFound
from twinshop.contracts.values import Sku, Slug
from twinshop.storefront import language
from twinshop.storefront.finder import find
from twinshop.storefront.pages.page_context import PageContext, is_htmx, or_none

FEATURED = 12
RELATED = 4

Text = Annotated[str, Query(max_length=MAX_SEARCH_TEXT)]
Page = Annotated[int, Query(ge=1, le=10_000)]
_AMOUNT = re.compile(r"([0-9]{1,8})(?:[.,]([0-9]{1,2}))?")


class Filter(TypedDict, total=False):
    """What narrows a list, as the catalogue is asked."""

    min_price: int
    max_price: int
    in_stock: bool


async def _filters(  # FastAPI would send it to a thread if it were not
    low: Annotated[str, Query(alias="min", max_length=MAX_SEARCH_TEXT)] = "",
    high: Annotated[str, Query(alias="max", max_length=MAX_SEARCH_TEXT)] = "",
    stock: Annotated[str, Query(max_length=MAX_SEARCH_TEXT)] = "",
) -> Filter:
    """As people type them: prices in euros, with a point or a comma. What is no price narrows nothing."""
    chosen: Filter = {}
    if (amount := _cents(low)) is not None:
        chosen["min_price"] = amount
    if (amount := _cents(high)) is not None:
        chosen["max_price"] = amount
    if stock:
        chosen["in_stock"] = True
    return chosen


Filters = Annotated[Filter, Depends(_filters)]


def _cents(typed: str) -> int | None:
    amount = _AMOUNT.fullmatch(typed.strip().strip("€").strip())
    return None if amount is None else int(amount[1]) * 100 + int((amount[2] or "0").ljust(2, "0"))


def router(context: PageContext) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def home(request: Request) -> Response:
        visitor = await context.visitor(request)
        featured = or_none(context.shop.catalog.search(ProductQuery(size=FEATURED)))
        page, pieces = await context.with_pieces(visitor, featured)
        return await context.page(request, visitor, "home.html", pieces=pieces, say=_texts(page), page=page)

    async def listing(request: Request, query: ProductQuery, base: str, *, search: bool) -> Response:
        visitor = await context.visitor(request)
        found = or_none(find(context.shop, query, language.wanted(request)))
        page, pieces = await context.with_pieces(visitor, found)
        chosen = _category(page, query.category)
        template = "_results.html" if is_htmx(request) else "listing.html"
        return await context.page(
            request,
            visitor,
            template,
            pieces=pieces,
            say=_texts(page, chosen),
            # A fragment stays a success: htmx shows no other, and would leave results that are no longer true.
            status=503 if page is None and not is_htmx(request) else 200,
            page=page,
            category=chosen,
            query=query,
            base=base,
            kept=_kept(query),
            search=search,
        )

    @routes.get("/search")
    async def search(
        request: Request,
        filters: Filters,
        q: Text = "",
        category: Slug | None = None,
        sort: Sort = "featured",
        page: Page = 1,
    ) -> Response:
        query = ProductQuery(text=q, category=category, sort=sort, page=page, **filters)
        return await listing(request, query, "/search", search=True)

    @routes.get("/category/{slug}")
    async def category(
        request: Request, filters: Filters, slug: Slug, sort: Sort = "featured", page: Page = 1
    ) -> Response:
        query = ProductQuery(category=slug, sort=sort, page=page, **filters)
        return await listing(request, query, f"/category/{slug}", search=False)

    @routes.get("/product/{sku}")
    async def product(request: Request, sku: Sku) -> Response:
        visitor = await context.visitor(request)
        found = or_none(context.shop.catalog.get_with_related(sku, RELATED))
        products, pieces = await context.with_pieces(visitor, found)
        if products == ():
            raise NotFound("There is no such product in the shop.")
        shown, *related = products or (None,)
        say = [other.name for other in products or ()]
        if shown is not None:
            say += [shown.description, shown.category_name]
        return await context.page(
            request,
            visitor,
            "product.html",
            pieces=pieces,
            say=say,
            status=503 if shown is None else 200,
            product=shown,
            related=related,
        )

    return routes


def _texts(page: ProductPage | None, chosen: Category | None = None) -> list[str]:
    """The names of products and categories, and what is said of the chosen one."""
    if page is None:
        return []
    names = [*(product.name for product in page.items), *(category.name for category in page.categories)]
    return names if chosen is None else [*names, chosen.description]


def _category(page: ProductPage | None, slug: str | None) -> Category | None:
    if page is None:
        return None
    return next((category for category in page.categories if category.slug == slug), None)


def _kept(query: ProductQuery) -> dict[str, str]:
    """The filters as they stand in the address of a page."""
    prices = {"min": query.min_price, "max": query.max_price}
    kept = {name: _euros(cents) for name, cents in prices.items() if cents is not None}
    return {**kept, "stock": "yes"} if query.in_stock else kept


def _euros(cents: int) -> str:
    units, rest = divmod(cents, 100)
    return f"{units}.{rest:02}" if rest else str(units)
