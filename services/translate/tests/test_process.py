"""The service as a process of its own: what it leaves behind when it ends."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture
def running(environment):
    """The process and its URL, once it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "twinshop.translate"]
    with subprocess.Popen(command, env={**environment, "TWINSHOP_PORT": str(port)}, stdout=subprocess.PIPE) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{url}/readyz"))
        yield process, url
        process.kill()


def answers(url):
    try:
        with urlopen(url, timeout=1):
            return True
    except OSError:
        return False


def children(pid):
    """The programs of its pipelines: the only processes it starts."""
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


def translate(url):
    body = json.dumps({"texts": ["hello"], "source": "en", "target": "pt"}).encode()
    with urlopen(Request(f"{url}/translate/texts", body, {"Content-Type": "application/json"}), timeout=60) as answer:
        return json.load(answer)[0]["text"]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_leaves_no_process_behind(running, alive, end):
    process, url = running
    assert translate(url) == "HELLO"
    programs = children(process.pid)
    assert len(programs) == 2
    process.send_signal(end)
    process.wait()
    wait_until(lambda: not any(alive(pid) for pid in programs))
