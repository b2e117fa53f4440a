"""What the shop sells, read before a load begins."""

from collections.abc import Mapping

from twinshop.lab.load.open.connections import Connections, NoAnswer
from twinshop.shoppers.goods import Goods
from twinshop.shoppers.wrong import Wrong

LANGUAGES = ("en", "es")


class Unfit(Exception):
    """This shop cannot be loaded now: the message says why, to a person."""


def read_goods(connections: Connections) -> Mapping[str, Goods]:
    """Return the products by language. Raises Unfit for a shop that does not answer, is degraded, or sells nothing."""
    found = {language: _read(connections, language) for language in LANGUAGES}
    if not all(goods.on_offer for goods in found.values()):
        raise Unfit("The shop has nothing to sell.")
    return found


def _read(connections: Connections, language: str) -> Goods:
    goods, page, more = Goods(language), 0, True
    while more:
        page += 1
        path = goods.path(page)
        try:
            answer = connections.ask("GET", path)
        except NoAnswer as error:
            raise Unfit(f"The shop does not answer: {error}.") from error
        if answer.status != 200:  # noqa: PLR2004
            raise Unfit(f"The shop is not ready: {path} answers {answer.status}.")
        try:
            listed = answer.json()
            if not listed["translated"]:
                raise Unfit("The shop is not ready: its translator is down.")
            more = goods.take(listed)
        except Wrong as error:
            raise Unfit(f"The shop cannot be loaded: {error}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise Unfit(f"This is no Twinshop: {path} answers something else.") from error
    return goods
