"""What the room says of a patch."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from twinshop.lab.control.patch import BroughtOut, version
from twinshop.lab.control.visits import PATIENCE_SECONDS, Visit
from twinshop.lab.environments.protocol import Patched
from twinshop.lab.environments.running_code import ANSWER_SECONDS
from twinshop.lab.load.record import GOOD

NOW = 1000.0
VISITS = [
    *[Visit(900.0, "cart", 0.1, GOOD)] * 5,
    Visit(900.0, "cart", 0.1, "status 503"),
    Visit(900.0, "cart", PATIENCE_SECONDS + 1, GOOD),
    Visit(900.0, "cart"),
]
"""Five good ones, and three that are lost: failed, answered too late, never answered."""


def test_containers_are_built_and_replaced():
    told = str(BroughtOut("1111111", "2222222", Patched(5.25, 3.06, 2), VISITS, NOW))

    assert told == "code 1111111 → 2222222, image built in 5.2 s, 2 processes replaced in 3.1 s, 3 of 8 visits lost"


def test_a_process_has_no_image_and_without_a_load_nobody_is_lost():
    told = str(BroughtOut("1111111", "2222222", Patched(None, 1.0, 1), [], NOW))

    assert told == "code 1111111 → 2222222, no image to build, 1 process replaced in 1.0 s, 0 of 0 visits lost"


@pytest.fixture
def slow():
    """A process that takes longer over its answer than a sample of the running code would wait."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            time.sleep(ANSWER_SECONDS + 0.3)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"code": "123456789"}).encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.integration
def test_a_slow_process_is_waited_for(slow):
    environment = SimpleNamespace(control_urls=lambda part: {"cart": [slow]}[part])

    assert version(environment, "cart") == "1234567"


@pytest.mark.integration
def test_a_process_that_is_gone_tells_no_version():
    environment = SimpleNamespace(control_urls=lambda _: ["http://127.0.0.1:9"])

    assert version(environment, "cart") == "no answer"
