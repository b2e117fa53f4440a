"""Paying: by the checkout page's form or by the API, with a card that is accepted or one that is declined."""

import random
import secrets
from typing import Any

from twinshop.shoppers.checks import check_order
from twinshop.shoppers.closed.order_log import OrderLog
from twinshop.shoppers.closed.outcome import count
from twinshop.shoppers.closed.visitor import Visitor
from twinshop.shoppers.purchase import ACCEPTED, DECLINED, NO_MONEY, SECOND_ACCEPTED, Attempt, checkout
from twinshop.shoppers.wrong import expect

PEOPLE = ("Ada Marsh", "Núria Puig", "Jürgen Weiß", "Zoë O'Connor", "Łukasz Kowalski")


def attempt(form: dict[str, str], lines: dict[str, int], *, declined: bool) -> Attempt:
    """A checkout for what is in the cart, as the checkout page's form says that the visitor saw it."""
    total = int(form["expected_total"])
    seen = (line.partition("@") for line in form["seen"].split())
    prices = {line.partition("*")[0]: int(price) for line, _, price in seen}
    delivery = {
        "name": random.choice(PEOPLE),
        "email": "shopper@example.com",
        "street": f"Carrer Major {random.randint(1, 99)}",
        "postcode": f"{random.randint(10000, 99999)}",
        "city": "Girona",
        "country": random.choice(["ES", "FR", "DE", "IE"]),
    }
    request = checkout(
        random.choice([DECLINED, NO_MONEY] if declined else [ACCEPTED, SECOND_ACCEPTED]),
        delivery=delivery,
        expected_total=total,
        expected_version=int(form["cart_version"]),
        expected_prices=prices,
    )
    return Attempt(secrets.token_urlsafe(18), request, total, dict(lines), declined)


def send(visitor: Visitor, attempt: Attempt, name: str, status: set[int]) -> tuple[int, dict[str, Any]]:
    """Place the order through the API; what is accepted is what was asked for, and paid."""
    headers = {"Idempotency-Key": attempt.key}
    with visitor.ask(
        "POST", "/api/orders", name=name, json=attempt.request, headers=headers, status=status
    ) as response:
        answer: dict[str, Any] = response.json()
        if response.status_code == 201:  # noqa: PLR2004
            check_order(answer, attempt.lines, attempt.total)
        else:
            problem = str(response.headers.get("content-type"))
            expect(that=problem.startswith("application/problem+json"), otherwise=f"a problem as {problem}")
            check_refusal(answer, attempt)
    return response.status_code, answer


def check_refusal(problem: dict[str, Any], attempt: Attempt) -> None:
    """Two reasons are good enough to refuse an order, if they are true: the card, and the stock."""
    code = problem["code"]
    expect(that=code in {"card-declined", "out-of-stock"}, otherwise=f"refused: {code}")
    if code == "card-declined":
        expect(that=attempt.declined, otherwise="a good card is declined")
        return
    short = problem["shortages"]
    honest = all(line["requested"] == attempt.lines.get(line["sku"]) > line["available"] for line in short)
    expect(that=bool(short) and honest, otherwise="out of stock, but not of what was asked for")


def submit(visitor: Visitor, attempt: Attempt) -> str | None:
    """Place the order through the form; the order's id, or None when the page says no."""
    delivery, card, seen = (attempt.request[part] for part in ("delivery", "card", "expected_prices"))
    form = {
        **delivery,
        "card_number": card["number"],
        "expiry": f"{card['expiry_month']:02}/{card['expiry_year'] % 100:02}",
        "code": card["code"],
        "idempotency_key": attempt.key,
        "expected_total": str(attempt.total),
        "cart_version": str(attempt.request["expected_version"]),
        "seen": " ".join(f"{sku}*{attempt.lines[sku]}@{price}" for sku, price in seen.items()),
    }
    with visitor.ask("POST", "/checkout", name="/checkout", data=form, status={303, 402, 409}) as response:
        if response.status_code != 303:  # noqa: PLR2004
            told = 'role="alert"' in (response.text or "")
            expect(that=told, otherwise="the page does not say why it refuses")
            return None
        path, _, placed = str(response.headers.get("location")).partition("?")
        expect(that=path.startswith("/orders/") and placed == "placed=true", otherwise=f"paying leads to {path!r}")
    return path.removeprefix("/orders/")


def pay(visitor: Visitor, log: OrderLog, attempt: Attempt, *, by_form: bool) -> tuple[str | None, dict[str, Any]]:
    """
    Check out; the id of the order or None, and what the API says about it.

    The form does not say why it refused in a way that a program can read, but the API does for the same key.
    """
    log.begin(attempt)
    if by_form:
        order_id = submit(visitor, attempt)
        if order_id is not None:
            log.accept(order_id, attempt)
            order = visitor.read_json(f"/api/orders/{order_id}", name="/api/orders/[id]")
            return order_id, order
        log.refuse()
        _, answer = send(visitor, attempt, "/api/orders [again]", {402, 409})
        return None, answer
    status, answer = send(visitor, attempt, "/api/orders", {201, 402, 409})
    if status != 201:  # noqa: PLR2004
        log.refuse()
        return None, answer
    log.accept(answer["id"], attempt)
    return answer["id"], answer


def send_again(visitor: Visitor, attempt: Attempt, order: dict[str, Any]) -> None:
    """The same key again gets the same order, not another one."""
    _, again = send(visitor, attempt, "/api/orders [again]", {201})
    with_same = {name: again[name] == order[name] for name in ("id", "number", "total", "lines", "created_at")}
    expect(that=all(with_same.values()), otherwise="the same key got another order")
    count("sent again")
