"""How tests are shared between workers (conftest.py)."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.xdist_group("workers")
def test_the_scheduler_is_told_the_group_of_a_test(request):
    """By the test's id. A pytest and a pytest-xdist that do not fit each other lose all groups without a word."""
    if not request.config.getoption("loadgroup", default=False):
        pytest.skip("tests run in one process, or are not shared by groups")
    assert request.node.nodeid.endswith("@workers")


def test_each_file_that_is_begun_before_others_exists(request):
    """The name of one that was moved would be ignored."""
    conftest = request.config.pluginmanager.get_plugin(str(ROOT / "conftest.py"))
    files = [name for name in conftest.LONGEST_FIRST if name.endswith(".py")]

    assert files
    assert [name for name in files if not (ROOT / name).is_file()] == []
