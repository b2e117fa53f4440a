"""Fixtures for every test of the repository, and how tests are shared between workers (CONTRIBUTING.md)."""

import gc
import logging
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadGroupScheduling

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))), None
)
"""The first needs a quarter of the processor time: it has no desktop around the page."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

LONGEST_FIRST = (
    "the checkout",
    "own shop: micro",
    "control room",
    "shop: micro",
    "shop: mono",
    "shop: mixed",
    "own shop: mono",
    "compose: micro",
    "tests/docker/test_sites.py",
    "compose: mono",
    "tests/browser/test_control_room_docker.py",
    "tests/docker/test_deploy.py",
    "postgresql: catalog",
    "postgresql: checkout",
    "tests/docker/test_budgets.py",
    "tests/docker/test_alone.py",
    "tests/docker/test_isolation.py",
    "postgresql: payment",
    "tests/docker/test_fault_catalogue.py",
)
"""
Groups of tests (`xdist_group`, or else a file) that decide how long the whole run takes: each is begun before all
others.

"the checkout" has what uses its own ports: the lessons.
"""

_OUTSIDE = ("integration", "browser", "docker", "cluster")
"""Markers of tests that leave their process."""
_FORBIDDEN = {
    "subprocess.Popen": "starts a process",
    "os.posix_spawn": "starts a process",
    "socket.connect": "opens a connection",
    "socket.bind": "takes a port",
    "time.sleep": "sleeps",
}
_unit_test: str | None = None
"""The unit test that runs now."""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the shop does."""
    return "asyncio"


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """
    Debian's chromium; tests that use it are marked `browser`.

    Only for the length of a module: Playwright keeps its event loop running, beside which no async test can start.
    """
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no chromium: .ci/run installs it")
        pytest.skip("no chromium on this machine (Debian: apt install chromium-headless-shell)")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where a browser is wanted

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def pytest_configure() -> None:
    """
    Prepare the process in which tests run.

    Programs that tests start receive Ctrl-C however pytest was started: a shell without job control starts what it puts
    into the background with SIGINT ignored, and that is inherited.

    The level of logging is set once: pytest's `log_level` sets it three times for each test, and each time all loggers
    forget what they had decided, which took a twentieth of the time. At DEBUG the HTTP client tells every byte.
    """
    logging.getLogger().setLevel(logging.INFO)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.addaudithook(_keep_unit_tests_in_process)


def _keep_unit_tests_in_process(event: str, arguments: tuple[object, ...]) -> None:
    """Fail a test that leaves its process without the marker that keeps it out of `make test-fast`."""
    if _unit_test is not None and event in _FORBIDDEN:
        message = f"{_unit_test} {_FORBIDDEN[event]} {arguments[:2]}: mark it `integration`"
        raise RuntimeError(message)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    global _unit_test  # noqa: PLW0603 - an audit hook has no other way to know the test
    _unit_test = None if any(item.get_closest_marker(name) for name in _OUTSIDE) else item.nodeid
    try:
        return (yield)
    finally:
        _unit_test = None


def pytest_collection_finish() -> None:
    """Keep the garbage collector from going through all modules and tests again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the groups that take longest to the front."""

    def rank(item: pytest.Item) -> int:
        marker = item.get_closest_marker("xdist_group")
        name = marker.args[0] if marker else item.nodeid.partition("::")[0]
        return LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=rank)


class ByEnvironment(LoadGroupScheduling):
    """Gives a worker all tests of a group or, where a test has none, of a file: what they share is set up once."""

    def _split_scope(self, nodeid: str) -> str:
        return super()._split_scope(nodeid).partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByEnvironment:
    return ByEnvironment(config, log)
