"""How tests are shared between workers (conftest.py)."""

import os

import pytest


@pytest.mark.xdist_group("workers")
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one process, which runs all tests")
def test_the_scheduler_is_told_the_group_of_a_test(request):
    """By the test's id. A pytest and a pytest-xdist that do not fit each other lose all groups without a word."""
    assert request.node.nodeid.endswith("@workers")
