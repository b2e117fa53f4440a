"""One purchase in a shop, with the calls that it was made of."""

import secrets
import time
from dataclasses import dataclass

import aiohttp

from twinshop.lab.control.timing import Call, parsed
from twinshop.shoppers.purchase import checkout

ORDER_SECONDS = 10.0
"""How long a buyer waits for an answer."""


@dataclass(frozen=True, slots=True)
class Placed:
    """
    The result of a purchase.

    Attributes:
        text: the number and state of the order, or why there is none.
        request_id: by which the logs of all processes know the request.
        milliseconds: from the request to the whole answer, as the buyer sees it.
        total: the same as the shop sees it.
        calls: to the components, in the order in which they began.
    """

    text: str
    request_id: str = ""
    milliseconds: float = 0.0
    total: float = 0.0
    calls: tuple[Call, ...] = ()


async def buy(url: str, sku: str) -> Placed:
    """Fill a new visitor's cart and pay for it; only the order itself is timed."""
    jar = aiohttp.CookieJar(unsafe=True)  # accepts cookies from an address without a name
    timeout = aiohttp.ClientTimeout(total=ORDER_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=jar) as http:
            line = {"sku": sku, "quantity": 1}
            async with http.post(f"{url}/api/cart/lines", json=line, headers=_once()) as filled:
                cart = await filled.json(content_type=None)
            if not filled.ok:
                return Placed(str(cart["detail"]))
            wanted = checkout(expected_total=cart["total"]["amount"])
            since = time.perf_counter()
            async with http.post(f"{url}/api/orders", json=wanted, headers=_once()) as answer:
                order = await answer.json(content_type=None)
            took = (time.perf_counter() - since) * 1e3
    except TimeoutError:
        return Placed(f"No answer within {ORDER_SECONDS:g} s")
    except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as error:
        return Placed(f"No order: {type(error).__name__}")
    timing = parsed(answer.headers.get("server-timing", ""))
    calls = tuple(sorted(timing.calls, key=lambda call: call.start))
    text = f"Order {order['number']}: {order['state']}" if answer.ok else str(order["detail"])
    return Placed(text, answer.headers.get("x-request-id", ""), took, timing.total, calls)


def _once() -> dict[str, str]:
    return {"idempotency-key": secrets.token_urlsafe(18)}
