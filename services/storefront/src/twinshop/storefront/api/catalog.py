"""Products, categories, languages, translation."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BeforeValidator, Field

from twinshop.contracts.catalog import (
    MAX_PAGE_SIZE,
    MAX_SEARCH_TEXT,
    Category,
    Facets,
    Price,
    Product,
    ProductQuery,
    Sort,
)
from twinshop.contracts.errors import Malformed, NotFound, TooLarge, Unavailable, UnknownLanguage
from twinshop.contracts.translate import MAX_TEXTS, SourceText, Translation, TranslationRequest
from twinshop.contracts.values import LanguageCode, Sku, Slug, Value
from twinshop.kit.collation import places
from twinshop.kit.problems import documented
from twinshop.storefront import language
from twinshop.storefront.api import examples
from twinshop.storefront.api.visiting import Private
from twinshop.storefront.finder import find
from twinshop.storefront.language import Words
from twinshop.storefront.languages import LANGUAGES
from twinshop.storefront.shop import Shop

Lang = Annotated[
    str | None,
    Query(
        description="Language tag such as `es` or `es-ES`; by default what Accept-Language prefers, else English. One"
        " that the shop does not speak is refused (422)"
    ),
]


class ProductList(Value):
    """A page of products. `translated` is false when the translator was down and the texts are the originals."""

    items: tuple[Product, ...]
    total: int
    more: bool = Field(description="There are more than `total`, which are not listed: narrow the search")
    page: int
    pages: int
    categories: tuple[Category, ...]
    facets: Facets | None
    partial: bool = Field(description="No product has every word: these have some of them")
    missing: tuple[str, ...] = Field(description="Words that no product has")
    corrected: str = Field(description="What was looked for instead, where a word has a typing error; else empty")
    language: str
    translated: bool


class LocalProduct(Value):
    product: Product
    language: str
    translated: bool
    engine: str | None = Field(
        description="The engine that translated the description; null if a person did, or if it is not translated"
    )


Tag = Annotated[LanguageCode, BeforeValidator(lambda tag: language.primary(tag) if isinstance(tag, str) else tag)]
"""A language tag (BCP 47), of which the translator needs the language alone."""


class TextsToTranslate(Value):
    texts: tuple[SourceText, ...] = Field(min_length=1, max_length=MAX_TEXTS)
    source: Tag = "en"
    target: Tag


class ShapeInfo(Value):
    """Which shape answers, and which components are in another process."""

    shape: str
    remote: tuple[str, ...]
    languages: dict[str, str]


def router(shop: Shop, shape: str) -> APIRouter:
    routes = APIRouter(prefix="/api", tags=["catalogue"], dependencies=[Private])

    @routes.get("/shape")
    async def which_shape() -> ShapeInfo:
        return ShapeInfo(
            shape=shape,
            remote=tuple(sorted(shop.remote)),
            languages={code: each.name for code, each in LANGUAGES.items()},
        )

    @routes.get("/products", responses=documented(NotFound, UnknownLanguage, Unavailable))
    async def products(
        request: Request,
        q: Annotated[str, Query(max_length=MAX_SEARCH_TEXT, description="Words to look for, in the language")] = "",
        category: Annotated[Slug | None, Query()] = None,
        min_price: Annotated[Price | None, Query(description="In cents")] = None,
        max_price: Annotated[Price | None, Query(description="In cents")] = None,
        in_stock: Annotated[bool, Query(description="Only what can be bought now")] = False,  # noqa: FBT002
        sort: Sort = "featured",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        size: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 24,
        lang: Lang = None,
    ) -> ProductList:
        del lang  # read by `demanded`, declared for the document
        spoken = language.demanded(request)
        query = ProductQuery(
            text=q,
            category=category,
            min_price=min_price,
            max_price=max_price,
            in_stock=in_stock,
            sort=sort,
            page=page,
            size=size,
        )
        found = await find(shop, query, spoken)
        categories = [text for category in found.categories for text in (category.name, category.description)]
        texts = [text for item in found.items for text in (item.name, item.description)]
        words = await language.words_for(shop.translator, spoken, [*texts, *categories])
        return ProductList(
            items=tuple(_local(item, words) for item in found.items),
            total=found.total,
            more=found.more,
            page=found.page,
            pages=found.pages,
            facets=found.facets,
            partial=found.partial,
            missing=found.missing,
            corrected=found.corrected,
            categories=_local_categories(found.categories, words),
            language=spoken,
            translated=words.available,
        )

    @routes.get("/products/{sku}", responses=documented(NotFound, UnknownLanguage, Unavailable))
    async def product(
        request: Request, sku: Annotated[Sku, Path(openapi_examples=examples.PRODUCT)], lang: Lang = None
    ) -> LocalProduct:
        del lang
        spoken = language.demanded(request)
        found = await shop.catalog.get_many([sku])
        if not found:
            raise NotFound("There is no such product in the shop.")
        texts = (found[0].name, found[0].description, found[0].category_name)
        words = await language.words_for(shop.translator, spoken, texts)
        engine = words.engine(found[0].description)
        return LocalProduct(product=_local(found[0], words), language=spoken, translated=words.available, engine=engine)

    @routes.post("/translate", responses=documented(Malformed, UnknownLanguage, TooLarge, Unavailable))
    async def translate(
        body: Annotated[TextsToTranslate, Body(openapi_examples=examples.TEXTS)],
    ) -> tuple[Translation, ...]:
        request = TranslationRequest(texts=body.texts, source=body.source, target=body.target)
        return await shop.translator.translate_many(request)

    return routes


def _local(product: Product, words: Words) -> Product:
    update = {
        "name": words(product.name),
        "description": words(product.description),
        "category_name": words(product.category_name),
    }
    return product.model_copy(update=update)


def _local_categories(categories: Sequence[Category], words: Words) -> tuple[Category, ...]:
    """In the order of their translated names."""
    place = places([words(category.name) for category in categories], words.shown)
    translated = (
        category.model_copy(update={"name": words(category.name), "description": words(category.description)})
        for category in categories
    )
    return tuple(sorted(translated, key=lambda category: (place[category.name], category.slug)))
