"""Which shops a name and a port mean, wherever they listen."""

import json

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.environments.deployments import known
from twinshop.lab.environments.lifecycle import Status
from twinshop.lab.environments.local.lifecycle import LocalDeployment
from twinshop.lab.shapes import parse


@pytest.fixture
def brought_up(root):
    """Shops that were brought up here at some time, at ports of their own."""
    for shape in (parse("mono", 9600), parse("micro", 9610)):
        folder = root / ".run" / shape.name
        folder.mkdir(parents=True)
        (folder / "shape.json").write_text(json.dumps(shape.as_json()))
    return root


def names(*arguments, **more):
    return [deployment.shape.name for deployment in known(*arguments, **more)]


def test_a_shape_is_found_wherever_it_listens(brought_up):
    assert names("mono", "local", brought_up) == ["mono", "mono-9600"]
    assert names("micro", "local", brought_up) == ["micro", "micro-9610"]


def test_a_port_alone_means_what_listens_there(brought_up):
    assert names(None, "local", brought_up, 9610) == ["micro-9610"]
    assert names(None, "local", brought_up, 8100) == ["mono"]
    assert names(None, "local", brought_up, 9999) == []


def test_a_shape_and_a_port_mean_one(brought_up):
    assert names("mono", "local", brought_up, 9600) == ["mono-9600"]


def test_without_either_all_are_meant(brought_up):
    assert set(names(None, "local", brought_up)) == {"mono", "micro", "mono-9600", "micro-9610"}


def test_the_data_of_a_shop_elsewhere_are_not_deleted_along(brought_up):
    assert names("mono", "local", brought_up, data=True) == ["mono"]


def test_the_address_of_what_runs_is_printed(brought_up, monkeypatch, capsys):
    def ps(self):
        return [Status("mono", "ready" if self.shape.port == 9600 else "stopped")]

    monkeypatch.setattr(LocalDeployment, "ps", ps)
    assert main(["url", "mono", "--runtime", "local"]) == 0
    assert capsys.readouterr().out == "http://localhost:9600\n"

    assert main(["url", "micro", "--runtime", "local", "--port", "9610"]) == 3
    assert "micro is not running. Start it: `make up-micro`" in capsys.readouterr().err
