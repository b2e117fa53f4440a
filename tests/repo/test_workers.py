"""How tests are shared between workers (conftest.py)."""

import pytest


@pytest.mark.xdist_group("workers")
def test_the_scheduler_is_told_the_group_of_a_test(request):
    """By the test's id. A pytest and a pytest-xdist that do not fit each other lose all groups without a word."""
    if not request.config.getoption("loadgroup", default=False):
        pytest.skip("tests run in one process, or are not shared by groups")
    assert request.node.nodeid.endswith("@workers")
