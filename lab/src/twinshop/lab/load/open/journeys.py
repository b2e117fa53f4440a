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
from typing import Any
from urllib.parse import quote

from twinshop.lab.load.open.session import ANY, Session
from twinshop.shoppers.checks import check_order, check_product_page, listed_products, quantities
from twinshop.shoppers.goods import Product
from twinshop.shoppers.purchase import checkout as checkout_body
from twinshop.shoppers.wrong import expect

SPANISH = "Añadir a la cesta"
JSON = "content-type: application/json\r\naccept: application/json\r\n"
FORM = "content-type: application/x-www-form-urlencoded\r\n"
CREATED, SEE_OTHER, TOO_MANY, BROKEN = 201, 303, 429, 500


def browse(session: Session) -> None:
    goods, category = session.load.goods["en"], session.choose().category
    with session.page("home", "/") as (page, _):
        expect(that=len(listed_products(page, goods)) > 0, otherwise="a home page without products")
    with session.page("category", f"/category/{category}") as (page, _):
        expect(that=page.heading == goods.categories[category], otherwise="the page of another category")
        found = listed_products(page, goods)
        expect(that=len(found) > 0, otherwise="a category without products")
        expect(that={each.category for each in found} == {category}, otherwise="a product of another category")
    _look_at(session, session.choices.choice(found).sku, "en")


def search(session: Session) -> None:
    product = session.choose()
    with session.page("results", f"/search?q={quote(product.name)}") as (page, _):
        found = product in listed_products(page, session.load.goods["en"])
        expect(that=found, otherwise="a search that does not find the product")
    _look_at(session, product.sku, "en")


def translate(session: Session) -> None:
    _look_at(session, session.choose().sku, "es")


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
        held = quantities(filled["lines"])
        expect(that=held == {product.sku: quantity}, otherwise="the cart is not what was put into it")
        expect(that=_amount(filled) == total, otherwise="a wrong total of the cart")
    order = _pay(session, product, quantity, total)
    with session.ask("read", "GET", f"/api/orders/{order['id']}") as answer:
        again = answer.json()
        same = all(again[name] == order[name] for name in ("id", "number", "state", "total", "lines"))
        expect(that=same, otherwise="an order that is not what was acknowledged")


def _pay(session: Session, product: Product, quantity: int, total: int) -> dict[str, Any]:
    """The order as it was acknowledged. Without a conclusive answer it is unknown whether there is one."""
    key, known = secrets.token_urlsafe(18), False
    body = json.dumps(checkout_body(expected_total=total)).encode()
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
            check_order(order, {product.sku: quantity}, total)
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


def _look_at(session: Session, sku: str, language: str) -> None:
    goods = session.load.goods[language]
    with session.page("product", f"/product/{sku}", language) as (page, _):
        check_product_page(page, goods.products[sku], goods)
        expect(that=(SPANISH in page.html) == (language == "es"), otherwise=f"buttons not in {language}")


JOURNEYS: Mapping[str, Callable[[Session], None]] = {
    "browse": browse,
    "search": search,
    "translate": translate,
    "cart": cart,
    "checkout": checkout,
}
