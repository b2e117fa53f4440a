"""Both shapes as real processes, and Debian's chromium in front of them."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from twinshop.lab.environments.local.lifecycle import LocalDeployment
from twinshop.lab.shapes import parse
from twinshop.testing.ports import free_port, free_port_range

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def deployments(tmp_path_factory, started_before):
    """Starts each shape once, when the first test asks for it."""
    started = {}

    def start(name):
        if name not in started:
            shape = replace(parse(name, free_port_range(10)), name=name)
            root = tmp_path_factory.mktemp(name)
            started_before(shape, root)
            deployment = LocalDeployment(shape, root)
            deployment.up(120)
            started[name] = deployment
        return started[name]

    yield start
    for deployment in started.values():
        deployment.down(delete=True)


@pytest.fixture(params=["mono", "micro"])
def shop(request, deployments):
    """Each shape in turn."""
    return deployments(request.param)


@pytest.fixture
def page(browser, shop):
    """A new visitor at a desktop; an error in the console or a broken file fails the test."""
    context = browser.new_context(base_url=shop.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    wrong = []

    def note(message):
        refused = "Failed to load resource: the server responded with a status of 402" in message.text
        if message.type == "error" and not refused:  # chromium reports a declined card's status as an error
            wrong.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def plain_page(browser, shop):
    """A new visitor whose browser runs no JavaScript."""
    context = browser.new_context(base_url=shop.url, java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def open_room(tmp_path_factory):
    """Opens `lab demo` as a process of its own for the length of a block; gives its address."""

    @contextmanager
    def opened(runtime):
        command = [sys.executable, "-m", "twinshop.lab", "demo", "--runtime", runtime, "--port", str(free_port())]
        command += ["--rate", "2"]  # enough to see each fault by; other tests need the processor
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        log = tmp_path_factory.mktemp("room") / "log"
        with log.open("w") as errors:
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
            )
        address = None
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line):
                address = found[0]
                break
        if address is None:
            pytest.fail(log.read_text())
        try:
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=120)[0]
        assert (process.returncode, "Both shops are stopped." in rest) == (0, True), log.read_text()

    return opened


@pytest.fixture
def screen(browser, room):
    """A projector of 1280 by 720, with the room on it; errors on the console fail the test, and so do strangers."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    page = context.new_page()
    wrong, asked = [], []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(room)
    yield page
    context.close()
    assert wrong == []
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:"))] == []
