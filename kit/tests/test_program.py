"""The command line that all processes of the shop have."""

import sys

import pytest

from twinshop.kit import program

PACKAGE = "twinshop.anything"


@pytest.fixture
def run(monkeypatch):
    served = []
    monkeypatch.setattr(program, "serve", lambda factory, name, _: served.append((factory, name)))

    def run(*arguments, **members):
        monkeypatch.setattr(sys, "argv", ["anything", *arguments])
        program.main(PACKAGE, "some", **members)
        return served

    return run


def test_without_arguments_it_serves(run):
    assert run(migrates=True) == [("twinshop.anything.app:create_app", "some")]


@pytest.mark.parametrize(
    ("members", "usage"),
    [
        ({}, "usage: python -m twinshop.anything"),
        ({"migrates": True}, "usage: python -m twinshop.anything [migrate]"),
        ({"migrates": True, "others": "import FILE"}, "usage: python -m twinshop.anything [migrate | import FILE]"),
    ],
)
def test_anything_else_gets_the_usage(run, members, usage):
    with pytest.raises(SystemExit) as caught:
        run("mirgate", **members)

    assert str(caught.value) == usage


def test_a_program_without_a_database_has_nothing_to_migrate(run):
    with pytest.raises(SystemExit, match=r"usage: python -m twinshop\.anything$"):
        run("migrate")
