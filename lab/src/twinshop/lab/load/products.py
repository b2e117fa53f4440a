"""What a shop sells, read by the lab itself."""

import json

from twinshop.lab.environments.request import ask
from twinshop.lab.errors import LoadError
from twinshop.shoppers.goods import Goods
from twinshop.shoppers.wrong import Wrong

SECONDS = 8.0
"""How long an answer may take."""


def read_products(url: str) -> Goods:
    """Return the products of a shop, in English. Raises LoadError: they cannot be read."""
    goods, page, more = Goods("en"), 0, True
    try:
        while more:
            page += 1
            more = goods.take(json.loads(ask(url, goods.path(page), seconds=SECONDS).body))
    except (OSError, ValueError, KeyError, Wrong) as error:
        raise LoadError(f"The products of {url} cannot be read: {type(error).__name__}.") from error
    return goods
