"""Shoppers who fill carts throughout a run and look at the end whether everything is still there (I6)."""

import http.client
import json
import secrets
from collections import Counter
from collections.abc import Sequence
from threading import Event, Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from twinshop.lab.deployment.api import DeploymentError
from twinshop.lab.invariants.history import CartSeen

SHOPPERS = 8
PAUSE_SECONDS = 0.5
TIMEOUT_SECONDS = 3.0
MOST_OF_A_PRODUCT = 90
"""A cart line holds 99 pieces at most: a shopper who has asked for so many begins with the next product."""


class _Shopper:
    """One cart. Every addition has an id of its own and is sent once."""

    def __init__(self, number: int, host: str, port: int, products: Sequence[str]) -> None:
        self._name = f"cart {number}"
        self._host, self._port = host, port
        self._products = list(products)
        self._cookie = ""
        self._acknowledged: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()

    def add(self) -> None:
        sku = self._products[0]
        body = json.dumps({"sku": sku, "quantity": 1})
        headers = {"content-type": "application/json", "idempotency-key": secrets.token_urlsafe(18)}
        try:
            status, _ = self._ask("POST", "/api/cart/lines", body, headers)
        except (OSError, http.client.HTTPException):
            status = 0
        if status == http.HTTPStatus.OK:
            self._acknowledged[sku] += 1
        elif self._cookie and not http.HTTPStatus.BAD_REQUEST <= status < http.HTTPStatus.INTERNAL_SERVER_ERROR:
            self._unknown[sku] += 1  # without a cookie it went into a cart that nobody will see again
        if self._acknowledged[sku] + self._unknown[sku] >= MOST_OF_A_PRODUCT and len(self._products) > 1:
            self._products.pop(0)

    def look(self) -> CartSeen | None:
        """The cart as it is now; None if nothing ever got into it. Raises DeploymentError: it cannot be seen."""
        if not self._acknowledged:
            return None
        try:
            status, answer = self._ask("GET", "/api/cart", None, {})
        except (OSError, http.client.HTTPException) as error:
            raise DeploymentError(f"A cart cannot be seen: {type(error).__name__}.") from error
        if status != http.HTTPStatus.OK:
            raise DeploymentError(f"A cart cannot be seen: status {status}.")
        found = {line["sku"]: line["quantity"] for line in json.loads(answer)["lines"]}
        return CartSeen(self._name, dict(self._acknowledged), dict(self._unknown), found)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            own = {"cookie": self._cookie} if self._cookie else {}
            connection.request(method, path, body, {**headers, **own})
            response = connection.getresponse()
            cookie, answer = response.getheader("set-cookie"), response.read()
        finally:
            connection.close()
        if cookie and response.status == http.HTTPStatus.OK:
            self._cookie = cookie.partition(";")[0]
        return response.status, answer


class CartWitness:
    """From `with` to its end they add two pieces a second between them; `look` afterwards."""

    def __init__(self, url: str, products: Sequence[str]) -> None:
        """`products` are numbers (SKUs) that the shop sells."""
        address = urlsplit(url)
        if address.hostname is None or address.port is None:
            raise DeploymentError(f"{url} is no address of a shop.")
        self._shoppers = [_Shopper(number, address.hostname, address.port, products) for number in range(SHOPPERS)]
        self._stopped = Event()
        self._thread = Thread(target=self._fill, name="cart witness", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def _fill(self) -> None:
        turn = 0
        while not self._stopped.wait(PAUSE_SECONDS):
            self._shoppers[turn % SHOPPERS].add()
            turn += 1

    def look(self) -> list[CartSeen]:
        """All carts that anything was put into. Raises DeploymentError: they cannot be seen."""
        return [seen for shopper in self._shoppers if (seen := shopper.look()) is not None]


def products_of(url: str) -> list[str]:
    """Numbers of products on sale. Raises DeploymentError."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/api/products?size=24")
        items = json.loads(connection.getresponse().read())["items"]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        raise DeploymentError(f"The products of {url} cannot be read: {type(error).__name__}.") from error
    finally:
        connection.close()
    return [item["sku"] for item in items]
