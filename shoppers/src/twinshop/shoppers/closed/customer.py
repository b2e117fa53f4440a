"""A visitor who fills a cart, changes it and pays."""

import random
import secrets
from typing import Any

from twinshop.shoppers.checks import check_order, quantities
from twinshop.shoppers.closed.looking import see_product
from twinshop.shoppers.closed.order_log import CHECKOUTS, OrderLog
from twinshop.shoppers.closed.outcome import count
from twinshop.shoppers.closed.paying import attempt, pay, send_again
from twinshop.shoppers.closed.visitor import Visitor
from twinshop.shoppers.purchase import Attempt
from twinshop.shoppers.wrong import expect

DOUBTS = 3
"""How often in a row the shop may refuse for want of a product that it then offers: others' orders come and go."""
BY_FORM, CHANGED_BY_FORM, PAID_BY_FORM = 0.7, 0.5, 0.6
"""The share of additions, changes and payments that use the page's form; the others use the API."""
SENT_AGAIN = 0.2
"""The share of orders that are sent again with their key."""


class Customer(Visitor):
    """
    One visit: `arrive`, `add_something`, `change_mind`, `ready_to_pay`, `check_out`.

    `cart` is what must be in the shop's cart, or None when a change got no answer.
    """

    abstract = True
    buys = True
    """Read by the outcome: with a class that buys, a test that bought nothing has failed."""

    def on_start(self) -> None:
        """Begin with an empty cart."""
        super().on_start()
        self._come_anew()
        self._doubts: dict[str, int] = {}

    def on_stop(self) -> None:
        """Compare the orders with those of the shop."""
        self._orders.settle()

    def _come_anew(self) -> None:
        self.client.cookiejar.clear()
        self._orders = OrderLog(self)
        self._cart: dict[str, int] | None = {}

    def arrive(self) -> None:
        """Find out what became of the checkout before, and look into the cart."""
        count("visits to buy")
        self._orders.find_out()
        if self._orders.checkouts >= CHECKOUTS:
            self._orders.settle()
            self._come_anew()
        self._read_cart()

    def add_something(self) -> None:
        """Put some of a product into the cart, now and then with a double click: the same change twice."""
        product = random.choice(list(self.goods.products.values()))
        form = see_product(self, product)
        if form is None:
            count("out of stock")
            return
        cart, more = self._cart or {}, random.choice([1, 1, 1, 2, 3])
        quantity, change = min(more, int(form.get("max", 99))), form["change_id"]
        self._cart = None
        for _ in range(random.choice([1, 1, 1, 2])):
            if random.random() < BY_FORM:
                sent = {**form, "quantity": str(quantity)}
                with self.ask("POST", "/cart/add", name="/cart/add", data=sent, status=303) as response:
                    target = response.headers.get("location")
                    expect(that=target == "/cart", otherwise=f"adding leads to {target!r}")
            else:
                self._by_api("POST", "/api/cart/lines", change, {"sku": product.sku, "quantity": quantity})
        self._cart = {**cart, product.sku: cart.get(product.sku, 0) + quantity}
        self._see_cart()

    def change_mind(self) -> None:
        """Change the quantity of a product in the cart."""
        assert self._cart is not None
        if not self._cart:
            return
        sku = random.choice(list(self._cart))
        self._set(sku, random.randint(0 if len(self._cart) > 1 else 1, 3))
        self._see_cart()
        self.wait()

    def ready_to_pay(self) -> dict[str, str] | None:
        """Take out what is sold out; return the checkout's form, or None where there is nothing left to buy."""
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

    def be_declined(self, form: dict[str, str]) -> None:
        """Pay with a card that is declined: no order comes of it, and the cart stays."""
        assert self._cart is not None
        self._pay(attempt(form, self._cart, declined=True), by_form=0.5)

    def check_out(self, form: dict[str, str]) -> None:
        """Pay, and look at the order; now and then send it again."""
        assert self._cart is not None
        bought = attempt(form, self._cart, declined=False)
        paid = self._pay(bought, by_form=PAID_BY_FORM)
        if paid is None:
            return
        order_id, answer = paid
        self._doubts.clear()
        self._cart = {} if answer["closed"] else None  # otherwise the shop has yet to take it out of the cart
        with self.ask("GET", f"/api/orders/{order_id}", name="/api/orders/[id]") as response:
            check_order(response.json(), bought.lines, bought.total)
        with self.page(f"/orders/{order_id}?placed=true", name="/orders/[id]") as page:
            expect(that=answer["number"] in page.html, otherwise="the order's page does not name its number")
            expect(that=page.total == bought.total, otherwise="the order's page shows another total")
        self._read_cart()
        if random.random() < SENT_AGAIN:
            send_again(self, bought, answer)

    def _pay(self, bought: Attempt, *, by_form: float) -> tuple[str, dict[str, Any]] | None:
        self._cart = None
        order_id, answer = pay(self, self._orders, bought, by_form=random.random() < by_form)
        if order_id is None:
            self._refused(answer, bought.lines)
            return None
        return order_id, answer

    def _read_cart(self) -> dict[str, Any]:
        """The cart as the shop has it is the one that this customer filled, and adds up."""
        with self.ask("GET", "/api/cart", name="/api/cart") as response:
            cart: dict[str, Any] = response.json()
            if cart["total"] is None:
                self.note_degraded("the cart has no total")
            held = quantities(cart["lines"])
            expect(that=self._cart in (None, held), otherwise="the cart is not what was put into it")
            known = self.goods.products
            for line in cart["lines"]:
                price = known[line["sku"]].price * line["quantity"]
                expect(that=line["total"]["amount"] == price, otherwise="a line of the cart is not price x quantity")
                short = line["product"]["available"] < line["quantity"]
                expect(that=short == (line["problem"] is not None), otherwise="the cart is wrong about the stock")
            _check_sum(cart)
            self._cart = held
        return cart

    def _see_cart(self) -> None:
        """The page shows the same cart."""
        assert self._cart is not None
        known = self.goods.products
        expected = {sku: (quantity, known[sku].price * quantity) for sku, quantity in self._cart.items()}
        with self.page("/cart", name="/cart") as page:
            expect(that=page.lines == expected, otherwise="the cart's page shows other lines")
            total = sum(price for _, price in expected.values())
            expect(that=not expected or page.total == total, otherwise="the cart's page shows another total")

    def _by_api(self, method: str, url: str, change: str, body: dict[str, Any] | None = None) -> None:
        name = "/api/cart/lines" if method == "POST" else "/api/cart/lines/[sku]"
        with self.ask(method, url, name=name, json=body, headers={"Idempotency-Key": change}) as response:
            _check_sum(response.json())

    def _set(self, sku: str, quantity: int) -> None:
        """Another quantity, 0 for none, by the page or the API."""
        cart, change = dict(self._cart or {}), secrets.token_urlsafe(18)
        self._cart = None
        if quantity == 0:
            self._by_api("DELETE", f"/api/cart/lines/{sku}", change)
            del cart[sku]
        else:
            if random.random() < CHANGED_BY_FORM:
                form = {"sku": sku, "quantity": str(quantity), "change_id": change}
                with self.ask("POST", "/cart/set", name="/cart/set", data=form, status=303):
                    pass
            else:
                self._by_api("PUT", f"/api/cart/lines/{sku}", change, {"quantity": quantity})
            cart[sku] = quantity
        self._cart = cart

    def _refused(self, problem: dict[str, Any], cart: dict[str, int]) -> None:
        """The cart stays as it was. Out of stock must be true: refused again and again, it must not be on offer."""
        self._cart = cart
        self._read_cart()
        if problem["code"] == "card-declined":
            count("declined")
            return
        count("out of stock")
        for short in problem["shortages"]:
            sku = short["sku"]
            with self.ask("GET", f"/api/products/{sku}", name="/api/products/[sku]") as response:
                offered = response.json()["product"]["available"] >= short["requested"]
                self._doubts[sku] = self._doubts.get(sku, 0) + 1 if offered else 0
                expect(that=self._doubts[sku] < DOUBTS, otherwise="the shop offers again and again what it refuses")


def _check_sum(cart: dict[str, Any]) -> None:
    total = sum(line["total"]["amount"] for line in cart["lines"])
    expect(that=cart["total"]["amount"] == total, otherwise="the cart's total is not the sum of its lines")
