"""Home, categories, search, product."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from twinshop.contracts.catalog import MAX_SEARCH_TEXT, Category, ProductPage, ProductQuery, Sort
from twinshop.contracts.errors import NotFound
from twinshop.contracts.values import Sku, Slug
from twinshop.storefront import language
from twinshop.storefront.finder import find
from twinshop.storefront.pages.desk import Desk, is_htmx, or_none

FEATURED = 12
RELATED = 4

Text = Annotated[str, Query(max_length=MAX_SEARCH_TEXT)]
Page = Annotated[int, Query(ge=1, le=10_000)]


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def home(request: Request) -> Response:
        visitor = await desk.visitor(request)
        featured = or_none(desk.shop.catalog.search(ProductQuery(size=FEATURED)))
        page, pieces = await desk.with_pieces(visitor, featured)
        return await desk.page(request, visitor, "home.html", pieces=pieces, say=_texts(page), page=page)

    async def listing(request: Request, query: ProductQuery, base: str, *, search: bool) -> Response:
        visitor = await desk.visitor(request)
        found = or_none(find(desk.shop, query, language.wanted(request)))
        page, pieces = await desk.with_pieces(visitor, found)
        chosen = _category(page, query.category)
        template = "_results.html" if is_htmx(request) else "listing.html"
        return await desk.page(
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
            search=search,
        )

    @routes.get("/search")
    async def search(
        request: Request, q: Text = "", category: Slug | None = None, sort: Sort = "featured", page: Page = 1
    ) -> Response:
        query = ProductQuery(text=q, category=category, sort=sort, page=page)
        return await listing(request, query, "/search", search=True)

    @routes.get("/category/{slug}")
    async def category(request: Request, slug: Slug, sort: Sort = "featured", page: Page = 1) -> Response:
        query = ProductQuery(category=slug, sort=sort, page=page)
        return await listing(request, query, f"/category/{slug}", search=False)

    @routes.get("/product/{sku}")
    async def product(request: Request, sku: Sku) -> Response:
        visitor = await desk.visitor(request)
        found = or_none(desk.shop.catalog.get_with_related(sku, RELATED))
        products, pieces = await desk.with_pieces(visitor, found)
        if products == ():
            raise NotFound("There is no such product in the shop.")
        shown, *related = products or (None,)
        say = [other.name for other in products or ()]
        if shown is not None:
            say += [shown.description, shown.category_name]
        return await desk.page(
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
