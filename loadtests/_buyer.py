"""Fills a cart, changes it, pays."""

import random
import secrets
from typing import Any

from _book import PAGE, Book
from _browser import look_at
from _outcome import count
from _shelf import shelf
from _till import AGAIN, attempt, check_order, pay, send_again
from _visit import Shopper, expect
from locust import task

DECLINED = 0.1
"""How often the first card is one that is declined."""
DOUBTS = 3
"""How often in a row the shop may refuse for want of a product that it then offers: others' orders come and go."""


class Buyer(Shopper):
    """
    One visit: a few products into the cart, a change of mind, the checkout.

    `cart` is what must be in the shop's cart, or None when a change got no answer.
    """

    weight = 3
    buys = True

    def on_start(self) -> None:
        super().on_start()
        self._come_anew()
        self.doubts: dict[str, int] = {}

    def on_stop(self) -> None:
        self.book.settle()

    def _come_anew(self) -> None:
        self.client.cookiejar.clear()
        self.book = Book(self)
        self.cart: dict[str, int] | None = {}

    @task
    def buy(self) -> None:
        count("visits to buy")
        self.book.find_out()
        if self.book.checkouts >= PAGE:
            self.book.settle()
            self._come_anew()
        self._read_cart()
        for _ in range(random.choice([1, 1, 2, 3])):
            self._add_something()
            self.wait()
        if random.random() < 0.4:  # noqa: PLR2004
            self._change_mind()
        form = self._ready_to_pay()
        if form is None:
            return
        self.wait()
        if random.random() < DECLINED:
            self._be_declined(form)
            self.wait()
        self._check_out(form)

    def _read_cart(self) -> dict[str, Any]:
        """The cart as the shop has it is the one that this buyer filled, and adds up."""
        with self.ask("GET", "/api/cart", name="/api/cart") as response:
            cart: dict[str, Any] = response.json()
            if cart["total"] is None:
                self.note_degraded("the cart has no total")
            held = {line["sku"]: line["quantity"] for line in cart["lines"]}
            expect(that=self.cart in (None, held), otherwise="the cart is not what was put into it")
            known = shelf(self, self.language).items
            for line in cart["lines"]:
                price = known[line["sku"]].price * line["quantity"]
                expect(that=line["total"]["amount"] == price, otherwise="a line of the cart is not price x quantity")
                short = line["product"]["available"] < line["quantity"]
                expect(that=short == (line["problem"] is not None), otherwise="the cart is wrong about the stock")
            total = sum(line["total"]["amount"] for line in cart["lines"])
            expect(that=cart["total"]["amount"] == total, otherwise="the cart's total is not the sum of its lines")
            self.cart = held
        return cart

    def _see_cart(self) -> None:
        """The page shows the same cart."""
        assert self.cart is not None
        known = shelf(self, self.language).items
        expected = {sku: (quantity, known[sku].price * quantity) for sku, quantity in self.cart.items()}
        with self.page("/cart", name="/cart") as page:
            expect(that=page.lines == expected, otherwise="the cart's page shows other lines")
            total = sum(price for _, price in expected.values())
            expect(that=not expected or page.total == total, otherwise="the cart's page shows another total")

    def _add_something(self) -> None:
        item = random.choice(list(shelf(self, self.language).items.values()))
        form = look_at(self, item)
        if form is None:
            count("out of stock")
            return
        cart, more = self.cart or {}, random.choice([1, 1, 1, 2, 3])
        quantity, change = min(more, int(form.get("max", 99))), form["change_id"]
        self.cart = None
        for _ in range(random.choice([1, 1, 1, 2])):  # now and then a double click: the same change twice
            if random.random() < 0.7:  # noqa: PLR2004
                sent = {**form, "quantity": str(quantity)}
                with self.ask("POST", "/cart/add", name="/cart/add", data=sent, status=303) as response:
                    target = response.headers.get("location")
                    expect(that=target == "/cart", otherwise=f"adding leads to {target!r}")
            else:
                self._by_api("POST", "/api/cart/lines", change, {"sku": item.sku, "quantity": quantity})
        self.cart = {**cart, item.sku: cart.get(item.sku, 0) + quantity}
        self._see_cart()

    def _by_api(self, method: str, url: str, change: str, body: dict[str, Any] | None = None) -> None:
        name = "/api/cart/lines" if method == "POST" else "/api/cart/lines/[sku]"
        with self.ask(method, url, name=name, json=body, headers={"Idempotency-Key": change}) as response:
            answer = response.json()
            total = sum(line["total"]["amount"] for line in answer["lines"])
            expect(that=answer["total"]["amount"] == total, otherwise="the cart's total is not the sum of its lines")

    def _set(self, sku: str, quantity: int) -> None:
        """Another quantity, 0 for none, by the page or the API."""
        cart, change = dict(self.cart or {}), secrets.token_urlsafe(18)
        self.cart = None
        if quantity == 0:
            self._by_api("DELETE", f"/api/cart/lines/{sku}", change)
            del cart[sku]
        else:
            if random.random() < 0.5:  # noqa: PLR2004
                form = {"sku": sku, "quantity": str(quantity), "change_id": change}
                with self.ask("POST", "/cart/set", name="/cart/set", data=form, status=303):
                    pass
            else:
                self._by_api("PUT", f"/api/cart/lines/{sku}", change, {"quantity": quantity})
            cart[sku] = quantity
        self.cart = cart

    def _change_mind(self) -> None:
        assert self.cart is not None
        if not self.cart:
            return
        sku = random.choice(list(self.cart))
        self._set(sku, random.randint(0 if len(self.cart) > 1 else 1, 3))
        self._see_cart()
        self.wait()

    def _ready_to_pay(self) -> dict[str, str] | None:
        """Take out what cannot be had; the checkout's form, or None where there is nothing left to buy."""
        for line in self._read_cart()["lines"]:
            if line["problem"] is not None:
                count("out of stock")
                self._set(line["sku"], line["product"]["available"])
        cart = self._read_cart()
        if not cart["can_check_out"]:
            return None
        total: int = cart["total"]["amount"]
        with self.page("/checkout", name="/checkout") as page:
            form = page.form("/checkout")
            expect(that=form is not None, otherwise="the checkout has no form")
            asked = (form or {}).get("expected_total")
            expect(that=(asked, page.total) == (str(total), total), otherwise="the checkout asks for another total")
        return form

    def _be_declined(self, form: dict[str, str]) -> None:
        """No order comes of it, and the cart stays."""
        assert self.cart is not None
        declined = attempt(form, self.cart, declined=True)
        self.cart = None
        order_id, answer = pay(self, self.book, declined, by_form=random.random() < 0.5)  # noqa: PLR2004
        if order_id is None:
            self._refused(answer, declined.lines)

    def _check_out(self, form: dict[str, str]) -> None:
        assert self.cart is not None
        bought = attempt(form, self.cart, declined=False)
        self.cart = None
        order_id, answer = pay(self, self.book, bought, by_form=random.random() < 0.6)  # noqa: PLR2004
        if order_id is None:
            self._refused(answer, bought.lines)
            return
        self.doubts.clear()
        self.cart = {} if answer["closed"] else None  # otherwise the shop has yet to take it out of the cart
        with self.ask("GET", f"/api/orders/{order_id}", name="/api/orders/[id]") as response:
            check_order(response.json(), bought)
        with self.page(f"/orders/{order_id}?placed=true", name="/orders/[id]") as page:
            expect(that=answer["number"] in page.html, otherwise="the order's page does not name its number")
            expect(that=page.total == bought.total, otherwise="the order's page shows another total")
        self._read_cart()
        if random.random() < AGAIN:
            send_again(self, bought, answer)

    def _refused(self, problem: dict[str, Any], cart: dict[str, int]) -> None:
        """The cart stays as it was. Out of stock must be true: refused again and again, it must not be on offer."""
        self.cart = cart
        self._read_cart()
        if problem["code"] == "card-declined":
            count("declined")
            return
        count("out of stock")
        for short in problem["shortages"]:
            sku = short["sku"]
            with self.ask("GET", f"/api/products/{sku}", name="/api/products/[sku]") as response:
                offered = response.json()["product"]["available"] >= short["requested"]
                self.doubts[sku] = self.doubts.get(sku, 0) + 1 if offered else 0
                expect(that=self.doubts[sku] < DOUBTS, otherwise="the shop offers again and again what it refuses")
