"""Search in the shopper's language: the catalogue speaks English, the translation memory knows the other names."""

from twinshop.contracts.catalog import MAX_SEARCH_TEXT, ProductPage, ProductQuery
from twinshop.contracts.errors import ShopError
from twinshop.storefront.language import SOURCE
from twinshop.storefront.shop import Shop


async def find(shop: Shop, query: ProductQuery, language: str) -> ProductPage:
    """
    The products that match the text in English or in the language.

    The decision for a translator that is down: the English search alone answers.
    """
    if query.text and language != SOURCE:
        try:
            names = await shop.translator.find(query.text[:MAX_SEARCH_TEXT], language)
        except ShopError:
            names = ()
        query = query.model_copy(update={"names": names})
    return await shop.catalog.search(query)
