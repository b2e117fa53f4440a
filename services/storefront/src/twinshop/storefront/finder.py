"""
Lists and searches in the shopper's language. The catalogue finds words and sorts names in all languages of the shop.

The names themselves are the translator's to show. While it is down, names are shown in English, and sorted as such.
"""

from twinshop.contracts.catalog import ProductPage, ProductQuery
from twinshop.storefront.language import words_for
from twinshop.storefront.languages import SOURCE
from twinshop.storefront.shop import Shop


async def find(shop: Shop, query: ProductQuery, language: str) -> ProductPage:
    """The products of the query, looked for and sorted in the language."""
    found = await shop.catalog.search(query.model_copy(update={"language": language}))
    if query.sort != "name" or language == SOURCE or not found.items:
        return found
    words = await words_for(shop.translator, language, [item.name for item in found.items])
    return await shop.catalog.search(query) if words.shown == SOURCE else found
