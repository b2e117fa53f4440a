"""Fixtures for every test of the repository."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the shop does."""
    return "asyncio"
