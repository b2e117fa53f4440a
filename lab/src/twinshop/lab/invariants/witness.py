"""Shoppers who fill carts throughout a run and look at the end whether everything is still there (I6)."""

import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence

from twinshop.lab.background import Background
from twinshop.lab.environments.request import Answer, ask
from twinshop.lab.errors import InvariantError
from twinshop.lab.invariants.history import CartSeen

SHOPPERS = 8
PAUSE_SECONDS = 0.5
TIMEOUT_SECONDS = 3.0
MOST_OF_A_PRODUCT = 90
"""A cart line holds 99 pieces at most: a shopper who has reached it goes on to the next product."""

NOTHING = Answer(0, b"")


class _Shopper:
    """One cart. Every addition has an id of its own and is sent once."""

    def __init__(self, number: int, url: str, products: Sequence[str]) -> None:
        self._name = f"cart {number}"
        self._url = url
        self._products = list(products)
        self._cookie = ""
        self._acknowledged: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()

    def add(self) -> None:
        sku = self._products[0]
        body = json.dumps({"sku": sku, "quantity": 1})
        headers = {"content-type": "application/json", "idempotency-key": secrets.token_urlsafe(18)}
        try:
            answer = self._ask("/api/cart/lines", method="POST", body=body, headers=headers)
        except OSError:
            answer = NOTHING
        if answer.ok:
            self._cookie = answer.cookie or self._cookie
            self._acknowledged[sku] += 1
        elif self._cookie and not answer.refused:
            self._unknown[sku] += 1  # without a cookie it went into a cart that cannot be found again
        if self._acknowledged[sku] + self._unknown[sku] >= MOST_OF_A_PRODUCT and len(self._products) > 1:
            self._products.pop(0)

    def look(self) -> CartSeen | None:
        """The cart as it is now; None if nothing ever got into it. Raises LabError: it cannot be seen."""
        if not self._acknowledged:
            return None
        try:
            answer = self._ask("/api/cart")
        except OSError as error:
            raise InvariantError(f"A cart cannot be seen: {type(error).__name__}.") from error
        if not answer.ok:
            raise InvariantError(f"A cart cannot be seen: status {answer.status}.")
        found = {line["sku"]: line["quantity"] for line in json.loads(answer.body)["lines"]}
        return CartSeen(self._name, dict(self._acknowledged), dict(self._unknown), found)

    def _ask(self, path: str, *, headers: Mapping[str, str] | None = None, **more: str) -> Answer:
        own = {"cookie": self._cookie} if self._cookie else {}
        return ask(self._url, path, seconds=TIMEOUT_SECONDS, headers={**(headers or {}), **own}, **more)


class CartWitness(Background):
    """From `with` to its end they add two pieces a second between them; `look` afterwards."""

    def __init__(self, url: str, products: Sequence[str]) -> None:
        """`products` are numbers (SKUs) that the shop sells."""
        super().__init__("cart witness")
        self._shoppers = [_Shopper(number, url, products) for number in range(SHOPPERS)]

    def _work(self) -> None:
        turn = 0
        while not self._stopped.wait(PAUSE_SECONDS):
            self._shoppers[turn % SHOPPERS].add()
            turn += 1

    def look(self) -> list[CartSeen]:
        """All carts that anything was put into. Raises LabError: they cannot be seen."""
        return [seen for shopper in self._shoppers if (seen := shopper.look()) is not None]
