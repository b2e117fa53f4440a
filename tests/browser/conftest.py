"""Both shapes as real processes, and Debian's chromium in front of them."""

import socket
from dataclasses import replace

import pytest

from twinshop.lab.deployment import LocalDeployment, parse


def free_ports(count):
    """The first of `count` free ports in a row."""
    for first in range(18000, 28000, 20):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    pytest.fail("no free ports")
    return 0


@pytest.fixture(scope="session")
def deployments(tmp_path_factory):
    """Starts each shape once, when the first test asks for it."""
    started = {}

    def start(name):
        if name not in started:
            shape = replace(parse(name, free_ports(10)), name=name)
            deployment = LocalDeployment(shape, tmp_path_factory.mktemp(name))
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
