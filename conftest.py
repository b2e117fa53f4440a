"""Fixtures for every test of the repository."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the shop does."""
    return "asyncio"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright leaves its event loop running, and async tests could not start theirs."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
