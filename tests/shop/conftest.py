"""
The shop as a shopper meets it: real processes in several shapes, and a browser without JavaScript.

The processes are started with the commands of `lab up`, on free ports, but without a process manager: the tests stop,
hang and restart them by their handles, and look at how they exit.
"""

import re
from pathlib import Path

import pytest

from .buyers import Api
from .shops import GROUPINGS, IMPATIENT, running


@pytest.fixture(scope="session", params=GROUPINGS)
def started(request, tmp_path_factory, first_start):
    """One shape after the other: pytest runs all tests of one before those of the next."""
    with running(request.param, tmp_path_factory.mktemp(request.param), first_start) as shop:
        yield shop


@pytest.fixture(scope="session")
def own_shop(request, tmp_path_factory, first_start):
    """One that tests may break as long as they mend it; parametrised with its shape."""
    folder = tmp_path_factory.mktemp(f"own-{request.param}")
    with running(request.param, folder, first_start, **IMPATIENT) as shop:
        yield shop
        shop.close()


@pytest.fixture
def shop(started):
    """Shared by many tests: nobody may break it."""
    yield started
    started.close()


@pytest.fixture
def browser(shop):
    return shop.browser()


@pytest.fixture
def client(shop):
    return shop.client()


@pytest.fixture(scope="session")
def api():
    return Api()


def _amount(text):
    return int(re.sub(r"[^0-9]", "", text))


@pytest.fixture(scope="session")
def cents():
    """An amount as a page writes it, in minor units."""
    return _amount


@pytest.fixture
def sku(shop):
    return shop.plenty()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests of one shop go to one worker, which starts it once."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            shapes = getattr(item, "callspec", None) and item.callspec.params
            for fixture, group in (("started", "shop"), ("own_shop", "own shop")):
                if shapes and fixture in shapes:
                    item.add_marker(pytest.mark.xdist_group(f"{group}: {shapes[fixture]}"))
