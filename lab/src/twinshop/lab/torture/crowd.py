"""Shoppers with a purpose: they press the button several times at once, at several doors, and again until they know."""

import json
import random
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.environments.request import Answer, ask
from twinshop.lab.errors import LabError
from twinshop.lab.invariants import Attempt
from twinshop.lab.load.products import read_products
from twinshop.lab.torture.purchase import CARDS, Purchase
from twinshop.shoppers.purchase import ACCEPTED, checkout

SHOPPERS = 2
"""Of those who come by themselves; each buys, waits, and buys again."""
PAUSE_SECONDS = 1.0
MOST_PRESSES = 4
PATIENCE_SECONDS = 20.0
"""How long a shopper goes on pressing without an answer that decides."""
PRESS_SECONDS = 8.0
AGAIN_SECONDS = 1.0
TWO_WINDOWS = 0.3
"""The share of shoppers who have the checkout open in two windows, each with a key of its own, and press in both."""


class Crowd:
    """
    From `with` to its end shoppers come by themselves; others when they are sent.

    Args:
        environment: that is ready.
        seed: of who buys what, with which card and how often pressed.
    """

    def __init__(self, environment: Environment, seed: int) -> None:
        self._environment = environment
        self._seed = seed
        self._products = list(read_products(environment.url).products.values())
        self._over = Event()
        self._lock = Lock()
        self._purchases: list[Purchase] = []
        self._pool = ThreadPoolExecutor(max_workers=32, thread_name_prefix="presses")
        self._threads = [Thread(target=self._come, args=(n,), name=f"shopper {n}") for n in range(SHOPPERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._pool.shutdown()

    @property
    def purchases(self) -> Sequence[Purchase]:
        return self._purchases

    def attempts(self) -> list[Attempt]:
        """What all shoppers know, when the last one has left."""
        return [attempt for purchase in self._purchases for attempt in purchase.attempts()]

    @property
    def presses(self) -> int:
        """How often the button was pressed beyond the first time for an order."""
        return sum(max(0, purchase.presses - 1) for purchase in self._purchases)

    def sells(self) -> bool:
        """Whether a new shopper gets an order now, pressing once."""
        found = self._buy(random.Random(0), ACCEPTED, presses=1, patience=0.0)  # noqa: S311 - must be repeatable
        return found is not None and bool(found.orders)

    def burst(self, seed: int, shoppers: int, presses: int) -> list[Purchase]:
        """So many new shoppers one after the other, each pressing so often at once; those who got as far as that."""
        drawn = random.Random(seed)  # noqa: S311 - must be repeatable
        found = [self._buy(drawn, ACCEPTED, presses=presses, patience=PATIENCE_SECONDS) for _ in range(shoppers)]
        return [purchase for purchase in found if purchase is not None]

    def _come(self, number: int) -> None:
        drawn = random.Random(f"{self._seed} {number}")  # noqa: S311 - must be repeatable
        while not self._over.wait(PAUSE_SECONDS):
            card, presses = drawn.choice(CARDS), drawn.randint(1, MOST_PRESSES)
            self._buy(drawn, card, presses=presses, patience=PATIENCE_SECONDS)

    def _buy(self, drawn: random.Random, card: str, *, presses: int, patience: float) -> Purchase | None:
        """One purchase to its end; None if not even the cart could be filled."""
        product, quantity = drawn.choice(self._products), drawn.randint(1, 2)
        filled = self._ask(self._environment.url, "/api/cart/lines", {"sku": product.sku, "quantity": quantity}, "")
        if filled is None or not filled.ok:
            return None
        second = secrets.token_urlsafe(18) if drawn.random() < TWO_WINDOWS else ""
        cookie, purchase = filled.cookie, Purchase(secrets.token_urlsafe(18), second)
        with self._lock:
            self._purchases.append(purchase)
        body = checkout(card, expected_total=product.price * quantity)
        end = time.monotonic() + patience
        while True:
            pressed = [(drawn.choice(self._doors()), drawn.choice(purchase.keys)) for _ in range(presses)]
            told = self._pool.map(lambda press: self._ask(press[0], "/api/orders", body, cookie, press[1]), pressed)
            for (_, key), answer in zip(pressed, told, strict=True):
                purchase.hear(answer, key)
            if purchase.decided or time.monotonic() > end or self._over.wait(AGAIN_SECONDS):
                return purchase
            presses = 1

    def _doors(self) -> list[str]:
        """The edge, and every storefront that runs."""
        try:
            return [self._environment.url, *self._environment.control_urls(self._environment.hosts("storefront"))]
        except LabError:
            return [self._environment.url]

    def _ask(self, url: str, path: str, body: object, cookie: str, key: str = "") -> Answer | None:
        key = key or secrets.token_urlsafe(18)
        headers = {"content-type": "application/json", "accept": "application/json", "idempotency-key": key}
        if cookie:
            headers["cookie"] = cookie
        try:
            return ask(url, path, seconds=PRESS_SECONDS, method="POST", body=json.dumps(body), headers=headers)
        except OSError:
            return None
