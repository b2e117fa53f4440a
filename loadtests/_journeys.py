"""
What sessions do, and when an answer is right: the journeys of `twinshop.lab.load.plan`.

A journey is good when all its answers are. A page that says that some part of the shop is down is still good for a
journey that does not need that part, if everything that it does need is there and right:

- browse needs catalog: products with names and prices, in the right category, in English.
- search needs catalog: the product among the hits, and its page, in English.
- translate needs catalog and translate: name, description and price of the product and its neighbours, and the buttons,
  in Spanish.
- cart needs cart: the pieces in the cart; prices and total as well, unless the page says that a part is down.
- checkout needs cart, catalog and payment: the total, an order paid at this total, and the same order when read back.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from _pages import Page, text
from _session import ANY, Session, Wrong, expect

SPANISH = "Añadir a la cesta"
JSON = "content-type: application/json\r\naccept: application/json\r\n"
FORM = "content-type: application/x-www-form-urlencoded\r\n"
CREATED, SEE_OTHER, TOO_MANY, BROKEN = 201, 303, 429, 500
DELIVERY = {
    "name": "Ada Byron",
    "email": "ada@example.com",
    "street": "12 Analytical Row",
    "postcode": "W1",
    "city": "London",
    "country": "GB",
}


def browse(session: Session) -> None:
    category = session.choose().category
    with session.page("home", "/") as (page, _):
        expect(that=len(_cards(session, page, "en")) > 0, otherwise="a home page without products")
    with session.page("category", f"/category/{category}") as (page, _):
        name = session.load.goods.category[category]["en"]
        expect(that=page.heading == name, otherwise="the page of another category")
        found = _cards(session, page, "en")
        expect(that=len(found) > 0, otherwise="a category without products")
        expect(that={each.category for each in found} == {category}, otherwise="a product of another category")
    _look_at(session, session.choices.choice(found), "en")


def search(session: Session) -> None:
    product = session.choose()
    with session.page("results", f"/search?q={quote(product.name['en'])}") as (page, _):
        expect(that=product in _cards(session, page, "en"), otherwise="a search that does not find the product")
    _look_at(session, product, "en")


def translate(session: Session) -> None:
    _look_at(session, session.choose(), "es")


def cart(session: Session) -> None:
    product, quantity = session.choose(), session.choices.randint(1, 3)
    form = f"sku={product.sku}&quantity={quantity}&change_id={secrets.token_urlsafe(12)}".encode()
    with session.ask("add", "POST", "/cart/add", headers=FORM, body=form, status=SEE_OTHER) as answer:
        expect(that=answer.headers.get("location") == "/cart", otherwise="adding leads elsewhere")
    with session.page("show", "/cart") as (page, answer):
        fields = next(page.forms("/cart/set"), {})
        held = (fields.get("sku"), fields.get("quantity"))
        expect(that=held == (product.sku, str(quantity)), otherwise="the cart is not what was put into it")
        if not answer.degraded:
            total = product.price * quantity
            expect(that=page.lines == {product.sku: (quantity, total)}, otherwise="a wrong price in the cart")
            expect(that=page.total == total, otherwise="a wrong total of the cart")


def checkout(session: Session) -> None:
    product, quantity = session.choose(), session.choices.randint(1, 3)
    total = product.price * quantity
    body = json.dumps({"sku": product.sku, "quantity": quantity}).encode()
    headers = f"{JSON}idempotency-key: {secrets.token_urlsafe(12)}\r\n"
    with session.ask("add", "POST", "/api/cart/lines", headers=headers, body=body) as answer:
        filled = answer.json()
        held = [(line["sku"], line["quantity"]) for line in filled["lines"]]
        expect(that=held == [(product.sku, quantity)], otherwise="the cart is not what was put into it")
        expect(that=_amount(filled) == total, otherwise="a wrong total of the cart")
    order = _pay(session, product, quantity, total)
    with session.ask("read", "GET", f"/api/orders/{order['id']}") as answer:
        again = answer.json()
        same = all(again[name] == order[name] for name in ("id", "number", "state", "total", "lines"))
        expect(that=same, otherwise="an order that is not what was acknowledged")


def _pay(session: Session, product: Any, quantity: int, total: int) -> dict[str, Any]:  # noqa: ANN401 - a Product
    """The order as it was acknowledged. Without a conclusive answer it is unknown whether there is one."""
    key, known = secrets.token_urlsafe(18), False
    card = {"number": "4242424242424242", "expiry_month": 12, "expiry_year": datetime.now(UTC).year + 2, "code": "123"}
    body = json.dumps({"delivery": DELIVERY, "card": card, "expected_total": total}).encode()
    bought: dict[str, Any] = {"key": key, "sku": product.sku, "quantity": quantity}
    try:
        headers = f"{JSON}idempotency-key: {key}\r\n"
        with session.ask("pay", "POST", "/api/orders", headers=headers, body=body, status=ANY) as answer:
            known = CREATED != answer.status < BROKEN and answer.status != TOO_MANY
            expect(that=answer.status == CREATED, otherwise=_refusal(answer))
            order: dict[str, Any] = answer.json()
            told = {"id": order["id"], "number": order["number"], "total": _amount(order)}
            session.note_checkout("acknowledged", **bought, **told)
            known = True
            expect(that=order["state"] == "paid", otherwise="an acknowledged order that is not paid")
            expect(that=_amount(order) == total, otherwise="a wrong total of the order")
            lines = [(line["sku"], line["quantity"], line["price"]["amount"]) for line in order["lines"]]
            right = [(product.sku, quantity, product.price)]
            expect(that=lines == right, otherwise="an order that is not what was in the cart")
    finally:
        if not known:
            session.note_checkout("unknown", **bought, id="", number="", total=total)
    return order


def _refusal(answer: Any) -> str:  # noqa: ANN401 - an Answer
    try:
        return f"status {answer.status} ({answer.json()['code']})"
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status}"


def _amount(priced: Mapping[str, Any]) -> int | None:
    """The total of a cart or an order; a cart has none while the catalogue is down."""
    return None if priced["total"] is None else priced["total"]["amount"]


def _cards(session: Session, page: Page, language: str) -> list[Any]:
    """The products listed, each with its name and price."""
    found = []
    for sku, name, price in page.cards:
        product = session.load.goods.products.get(sku)
        if product is None:
            raise Wrong("a product that the shop does not sell")
        expect(that=name == product.name[language], otherwise=f"a name not in {language}")
        expect(that=price == product.price, otherwise="a wrong price")
        found.append(product)
    return found


def _look_at(session: Session, product: Any, language: str) -> None:  # noqa: ANN401 - a Product
    with session.page("product", f"/product/{product.sku}", language) as (page, _):
        expect(that=page.heading == product.name[language], otherwise=f"a name not in {language}")
        expect(that=page.price == product.price, otherwise="a wrong price")
        lead = page.html.partition('<p class="lead">')[2].partition("</p>")[0]
        expect(that=text(lead) == product.description[language], otherwise=f"a description not in {language}")
        expect(that=(SPANISH in page.html) == (language == "es"), otherwise=f"buttons not in {language}")
        _cards(session, page, language)


JOURNEYS: Mapping[str, Callable[[Session], None]] = {
    "browse": browse,
    "search": search,
    "translate": translate,
    "cart": cart,
    "checkout": checkout,
}
