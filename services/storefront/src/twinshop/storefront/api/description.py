"""What `/docs` says beside the operations: how to buy something, with which card, and where things can be sent."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from twinshop.storefront.ids import new_id
from twinshop.storefront.languages import LANGUAGES
from twinshop.storefront.messages import COUNTRIES, TEST_CARDS

KEY_HEADER = "Idempotency-Key"


def _table(*rows: tuple[str, ...]) -> str:
    head, *others = rows
    return "\n".join(" | ".join(row) for row in (head, ("---",) * len(head), *others))


def _codes(names: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(f"`{code}`", name) for code, name in names]


DESCRIPTION = f"""
The store as JSON. The cart and the orders belong to the visitor's cookie, which the first change sets and a browser
sends by itself. Errors are problem documents (RFC 9457) with a stable `code`. `GET /api` lists where things are.

## Five steps that buy something
Each operation below is filled in: press **Execute** in this order.

1. `GET /api/products` lists what there is.
2. `POST /api/cart/lines` puts a product into the cart.
3. `GET /api/cart` shows it, with the total.
4. `POST /api/orders` pays with a test card. `{KEY_HEADER}` names the order, so that sending the request again orders
   nothing twice; this page fills in a new one each time it is loaded.
5. `GET /api/orders/{{order_id}}` with `latest` shows the order.

## Test cards
Any date that is not past, any security code (3 digits, 4 for American Express). A real card is never charged here.

{_table(("Number", "What happens"), *_codes(TEST_CARDS.items()))}

## Countries
`delivery.country` is the code (ISO 3166-1 alpha-2) of one of these.

{_table(("Code", "Country"), *_codes(sorted(COUNTRIES.items(), key=lambda country: country[1])))}

## Languages
`lang` is a language tag (BCP 47), matched by its language: `es`, `es-ES` and `es_MX` are Spanish. Without it,
Accept-Language decides, then English. An unknown `lang` is refused (422, `unknown-language`); the pages of the shop
pass it over instead.

{_table(("Code", "Language"), *_codes((code, language.name) for code, language in LANGUAGES.items()))}
"""


def with_new_key(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with an unused idempotency key, so that its example can be sent."""
    document = deepcopy(document)
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == KEY_HEADER and parameter["required"]:
                    parameter["examples"] = {"a new key": {"value": new_id()}}
    return document
