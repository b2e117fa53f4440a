"""Search in the shopper's language: the catalogue speaks English, the translation memory knows the other names."""

from twinshop.contracts.catalog import ProductPage, ProductQuery
from twinshop.contracts.errors import ShopError
from twinshop.storefront.language import SOURCE
from twinshop.storefront.shop import Shop


async def find(shop: Shop, query: ProductQuery, language: str) -> ProductPage:
    """
    The products that match every word of the text, in English or in the language. One call for all words.

    The decision for a translator that is down: the English search alone answers.
    """
    if query.words and language != SOURCE:
        try:
            found = await shop.translator.find(query.words, language)
        except ShopError:
            found = ()
        query = query.model_copy(update={"known": found})
    return await shop.catalog.search(query)
