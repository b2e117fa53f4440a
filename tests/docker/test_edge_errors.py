"""The edge's own errors: each is a page for a browser, and problem details for a program."""

import json
import re
import shutil
import socket
from pathlib import Path

import pytest

from twinshop.testing import plain_http
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]
COMPOSE = Path(__file__).parents[2] / "compose"
NETWORK = "twinshop-test-edge-errors"
FRONT = """
import http.server, time
class Front(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/late":
            time.sleep(20)
        elif self.path != "/breaks":
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
        else:
            self.wfile.write(b"HTTP/1.1 2")
        self.close_connection = True
http.server.ThreadingHTTPServer(("", 8000), Front).serve_forever()
"""


@pytest.fixture(scope="module")
def edge(docker, tmp_path_factory):
    """The edge as it is deployed, but for shorter limits: its address. A store front that fails is behind it."""
    folder = tmp_path_factory.mktemp("haproxy")
    files = ("haproxy.cfg", "errors.map")
    for file in files:
        shutil.copy(COMPOSE / file, folder)
    text = (folder / "haproxy.cfg").read_text()
    shorter = re.sub(r"timeout (server|client|http-request) \d+s", r"timeout \1 2s", text)
    assert shorter != text
    (folder / "haproxy.cfg").write_text(shorter)
    mounts = [part for file in files for part in ("-v", f"{folder}/{file}:/usr/local/etc/haproxy/{file}:ro")]
    started = []
    docker("network", "create", NETWORK)
    try:
        front = ("--network-alias", "front", "python:3.13-slim", "python", "-c", FRONT)
        started.append(docker("run", "-d", "--network", NETWORK, *front))
        variables = ("-e", "SHOP=front", "-e", "TWINSHOP_RATE_LIMIT=0")
        published = ("-p", "127.0.0.1::8000")
        started.append(docker("run", "-d", "--network", NETWORK, *mounts, *published, *variables, "haproxy:3.0"))
        url = "http://" + docker("port", started[1], "8000").splitlines()[0]
        wait_until(lambda: plain_http.get(url).status_code == 200)
        yield url
    except BaseException:
        for container in started:
            print(docker("logs", "--tail", "20", container, check=False))
        raise
    finally:
        docker("rm", "-f", *started, check=False)
        docker("network", "rm", NETWORK, check=False)


@pytest.fixture(scope="module")
def lonely_edge(docker):
    """One behind which there is no store front."""
    docker("build", "-q", "-f", COMPOSE / "edge.Dockerfile", "-t", "twinshop/edge", COMPOSE)
    container = docker("run", "-d", "-p", "127.0.0.1::8000", "-e", "SHOP=nobody", "twinshop/edge")
    try:
        url = "http://" + docker("port", container, "8000").splitlines()[0]
        wait_until(lambda: plain_http.get(url).status_code == 503)
        yield url
    finally:
        docker("rm", "-f", container)


CASES = [("edge", "/faults", 404), ("edge", "/breaks", 502), ("lonely_edge", "/", 503), ("edge", "/late", 504)]
CODES = {404: "not-found", 502: "bad-gateway", 503: "unavailable", 504: "gateway-timeout"}


@pytest.mark.parametrize(("which", "path", "status"), CASES)
def test_a_program_gets_problem_details(request, which, path, status):
    answer = plain_http.get(request.getfixturevalue(which) + path, timeout=30)
    problem = answer.json()

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (problem["status"], problem["code"]) == (status, CODES[status])
    assert problem["type"] == f"urn:twinshop:problem:{CODES[status]}"
    assert problem["title"]
    assert problem["detail"]
    assert len(problem["request_id"]) == 36
    assert answer.headers["cache-control"] == "no-store"
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "edge-error" not in answer.headers


@pytest.mark.parametrize(("which", "path", "status"), CASES)
def test_a_browser_gets_a_page(request, which, path, status):
    accepted = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = plain_http.get(request.getfixturevalue(which) + path, timeout=30, headers=accepted)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert_is_a_page(answer.text)


def assert_is_a_page(text):
    assert text.startswith("<!doctype html>")
    assert '<html lang="en">' in text
    assert "width=device-width" in text
    assert re.search(r"<title>Twinshop: .+</title>", text)
    assert re.search(r"<h1>.+</h1>\s*<p>.+</p>", text)
    assert text.rstrip().endswith("</html>")


@pytest.mark.parametrize(("accept", "kind"), [("*/*", "application/problem+json"), ("text/html", "text/html")])
def test_a_body_that_does_not_arrive_is_told_in_the_same_way(edge, accept, kind):
    head, body = exchanged(edge, f"POST / HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nContent-Length: 9\r\n\r\nx")

    assert head.startswith("HTTP/1.1 408 ")
    assert f"content-type: {kind}" in head.lower()
    if kind == "text/html":
        assert_is_a_page(body)
    else:
        assert json.loads(body)["code"] == "request-timeout"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: x\r\nmalformed\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + "x" * 20_000 + "\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\n", 408),
    ],
    ids=["malformed", "large headers", "late headers"],
)
def test_what_cannot_be_read_gets_a_line_of_html(edge, sent, status):
    """HAProxy's own, before any rule: it cannot be changed."""
    head, body = exchanged(edge, sent)

    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "content-type: text/html" in head.lower()
    assert f"<h1>{status} " in body


def exchanged(url, sent):
    """Head and body of what comes until the other side closes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 30) as connection:
        connection.sendall(sent.encode())
        said = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    head, _, body = said.partition("\r\n\r\n")
    return head, body
