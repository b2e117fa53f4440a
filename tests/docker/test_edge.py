"""What the edge refuses: what is not for visitors, too much at once, too large, too slow."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from twinshop.testing import plain_http
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]


def answer_on(connection):
    """What comes before the other side closes."""
    try:
        return connection.recv(4096)
    except ConnectionError:
        return b""


@pytest.mark.parametrize("path", ["/metrics", "/faults", "/%66aults", "/faults/books/payment"])
def test_what_is_for_those_who_run_the_shop_stays_inside(micro, path):
    with micro.client() as client:
        assert client.get(path).status_code == 404


@pytest.fixture
def strict_edge(micro, docker):
    """An edge that lets one address make 30 requests in 10 s: its container and its URL."""
    files = ("haproxy.cfg", "errors.map")
    mounts = [part for file in files for part in ("-v", f"{ROOT}/compose/{file}:/usr/local/etc/haproxy/{file}:ro")]
    network = next(iter(micro.inspect("edge")["NetworkSettings"]["Networks"]))
    edge = docker(
        *("run", "-d", "--rm", "--network", network, *mounts, "-p", "127.0.0.1::8000"),
        *("-e", "SHOP=storefront", "-e", "TWINSHOP_RATE_LIMIT=30", "haproxy:3.0"),
    )
    try:
        url = "http://" + docker("port", edge, "8000").splitlines()[0]
        wait_until(lambda: plain_http.get(f"{url}/livez").status_code == 200)
        yield edge, url
    finally:
        docker("rm", "-f", edge)


def test_an_address_that_asks_too_often_is_told_so_and_others_are_served(micro, docker, strict_edge):
    edge, url = strict_edge
    with plain_http.Client(base_url=url) as client:
        answers = [client.get("/livez") for _ in range(60)]
    ip = docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", edge)
    ask = f"import urllib.request; print(urllib.request.urlopen('http://{ip}:8000/livez').status)"
    last = answers[-1]

    assert {answer.status_code for answer in answers} == {200, 429}
    assert last.status_code == 429
    assert last.headers["content-type"] == "application/problem+json"
    assert (last.json()["status"], last.json()["code"]) == (429, "too-many-requests")
    assert int(last.headers["retry-after"]) > 0
    assert docker("exec", micro.container("cart"), "python", "-c", ask) == "200"


def test_an_address_gets_so_many_connections_and_whoever_dawdles_loses_theirs(strict_edge):
    _, url = strict_edge
    host, port = url.removeprefix("http://").split(":")
    with ExitStack() as stack:
        connections = [stack.enter_context(socket.create_connection((host, int(port)), 30)) for _ in range(520)]
        for connection in connections:
            with suppress(OSError):  # refused already
                connection.sendall(b"GET / HTTP/1.1\r\n")
        answers = [answer_on(connection) for connection in connections]

    assert {answer.partition(b"\r\n")[0] for answer in answers} == {b"", b"HTTP/1.1 408 Request Time-out"}
    assert sum(answer == b"" for answer in answers) >= 20


def test_where_the_limit_is_off_there_is_none(micro):
    """As in these tests and in every measurement: TWINSHOP_RATE_LIMIT=0."""
    with micro.client() as client, ThreadPoolExecutor(4) as pool:
        statuses = set(pool.map(lambda _: client.get("/static/favicon.svg").status_code, range(400)))

    assert statuses == {200}


def test_what_is_too_large_is_refused(micro):
    with micro.client() as client:
        body = client.post("/api/cart/lines", content=b"x" * 300_000, headers={"content-type": "application/json"})
    with micro.client() as client:  # a connection of its own: that of the other is closed while the rest still comes
        header = client.get("/", headers={"x-large": "x" * 20_000})

    assert body.status_code == 413
    assert header.status_code == 400
