"""Deadlines, smuggled requests and proxies, in both shapes as they are deployed."""

import socket
from contextlib import contextmanager
from pathlib import Path

import pytest

from twinshop.testing import plain_http
from twinshop.testing.waiting import eventually, wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\nX-Request-Id: smuggled1\r\n\r\n"
ASKS = {
    "upgrade": b"Connection: Upgrade\r\nUpgrade: foo\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED),
    "two lengths": b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED),
    "length and chunks": b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(SMUGGLED)),
}


PARTS = [("mono", part) for part in ("database", "redis")]
PARTS += [("micro", part) for part in ("catalog", "cart", "payment", "translate", "catalog-db", "payment-db", "redis")]
GIVES_UP_SECONDS = 30
"""When the edge no longer waits: every limit behind it is shorter (docs/architecture.md, Deadlines)."""
ADDRESSES = ("/", "/cart", "/checkout", "/orders", "/api/products", "/api/cart", "/api/orders")


@contextmanager
def away(shop, docker, part, how):
    """A part that answers nothing for a while: paused, or cut off from the network, where its connections stay open."""
    container = shop.container(part)
    (network,) = shop.inspect(part)["NetworkSettings"]["Networks"]
    if how == "paused":
        docker("pause", container)
    else:
        docker("network", "disconnect", network, container)
    try:
        yield
    finally:
        if how == "paused":
            docker("unpause", container)
        else:
            docker("network", "connect", "--alias", part, network, container)


@pytest.mark.parametrize("how", ["paused", "cut"])
@pytest.mark.parametrize(("shape", "part"), PARTS)
def test_while_a_part_is_away_the_shop_itself_answers_before_the_edge_gives_up(
    request, docker, sells, shape, part, how
):
    shop = request.getfixturevalue(shape)
    with shop.client() as client:
        client.timeout = 2 * GIVES_UP_SECONDS
        eventually(lambda: client.get("/api/products").raise_for_status())
        with away(shop, docker, part, how):
            answers = {address: client.get(address) for address in ADDRESSES}
        wait_until(lambda: sells(shop))

    slow = {address: answer.elapsed.total_seconds() for address, answer in answers.items()}
    assert max(slow.values()) < GIVES_UP_SECONDS, slow
    assert {answer.status_code for answer in answers.values()} <= {200, 503}
    assert all("x-request-id" in answer.headers for answer in answers.values()), "it was the edge that answered"


@pytest.mark.parametrize("ask", ASKS)
def test_no_request_hides_in_another(shop, ask):
    host, port = shop.url.removeprefix("http://").split(":")
    head = b"POST /language HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" if ask != "upgrade" else None

    def answer():
        with socket.create_connection((host, int(port)), 30) as connection:
            connection.sendall((head or b"POST /language HTTP/1.1\r\nHost: x\r\n") + ASKS[ask])
            connection.sendall(SMUGGLED)
            connection.settimeout(30)
            said = connection.recv(65536)
        assert not said.startswith(b"HTTP/1.1 503"), "the edge passes nothing on while the shop misses its checks"
        return said

    said = eventually(answer)

    assert said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 303")), said
    assert "smuggled1" not in shop.compose("logs", "--no-log-prefix")


@pytest.mark.parametrize(("proxies", "of_the_second"), [("0.0.0.0/0 ::/0", {503}), ("", {429})])
def test_behind_a_trusted_proxy_the_limit_is_for_each_client(docker, proxies, of_the_second):
    files = ("haproxy.cfg", "errors.map")
    mounts = [part for file in files for part in ("-v", f"{ROOT}/compose/{file}:/usr/local/etc/haproxy/{file}:ro")]
    variables = ("-e", "SHOP=nobody", "-e", "TWINSHOP_RATE_LIMIT=10", "-e", f"TWINSHOP_TRUSTED_PROXIES={proxies}")
    edge = docker("run", "-d", "--rm", *mounts, "-p", "127.0.0.1::8000", *variables, "haproxy:3.0")
    try:
        url = "http://" + docker("port", edge, "8000").splitlines()[0]
        wait_until(lambda: plain_http.get(url, headers={"x-forwarded-for": "203.0.113.9"}).status_code == 503)

        def asked(address):
            return [plain_http.get(url, headers={"x-forwarded-for": address}).status_code for _ in range(20)]

        first, second = asked("203.0.113.1"), asked("203.0.113.2")[:5]
        lines = [line for line in docker("logs", edge).splitlines() if " 429 " in line]
    finally:
        docker("rm", "-f", edge)

    assert first[-1] == 429
    assert set(second) == of_the_second
    assert lines, "who meets the limit leaves a line"
