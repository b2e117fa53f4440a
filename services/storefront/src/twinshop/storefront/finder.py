"""
Search and sort in the shopper's language: the catalogue speaks English, the translator knows the other names.

The catalogue sorts by what it holds: its own order, prices, English names. The order of translated names is known here
alone, so lists in it are put together here, as long as they have at most `MAX_SORTED` products; longer ones stay in the
order of the English names, since every page of them would cost all the products before it.
"""

import asyncio

from twinshop.contracts.catalog import MAX_PAGE_SIZE, Product, ProductPage, ProductQuery
from twinshop.contracts.errors import ShopError
from twinshop.contracts.translate import MAX_TEXTS
from twinshop.storefront.collation import places
from twinshop.storefront.language import SOURCE, words_for
from twinshop.storefront.shop import Shop

MAX_SORTED = MAX_TEXTS
"""The names of a list are translated in one call."""


async def find(shop: Shop, query: ProductQuery, language: str) -> ProductPage:
    """
    The products that match every word of the text, in English or in the language. One call for all words.

    Sorted by name, they are in the order of the names that are shown. The decision for a translator that is down: the
    English search alone answers, and English names are sorted.
    """
    if query.words and language != SOURCE:
        try:
            found = await shop.translator.find(query.words, language)
        except ShopError:
            found = ()
        query = query.model_copy(update={"known": found})
    if query.sort == "name" and language != SOURCE:
        return await _by_shown_name(shop, query, language)
    return await shop.catalog.search(query)


async def _by_shown_name(shop: Shop, query: ProductQuery, language: str) -> ProductPage:
    def part(page: int) -> ProductQuery:
        return query.model_copy(update={"page": page, "size": MAX_PAGE_SIZE})

    first = await shop.catalog.search(part(1))
    if first.total > MAX_SORTED:
        return await shop.catalog.search(query)
    others = await asyncio.gather(*(shop.catalog.search(part(page)) for page in range(2, first.pages + 1)))
    products = [product for each in (first, *others) for product in each.items]
    words = await words_for(shop.translator, language, [product.name for product in products])
    place = places({words(product.name) for product in products}, words.shown)

    def key(product: Product) -> tuple[int, str]:
        return place[words(product.name)], product.sku

    start = (query.page - 1) * query.size
    items = tuple(sorted(products, key=key)[start : start + query.size])
    return first.model_copy(update={"items": items, "page": query.page, "size": query.size})
