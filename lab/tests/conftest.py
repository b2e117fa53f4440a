"""A checkout-like folder, and a shape of two small programs with a real Redis under a real supervisor."""

from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from twinshop.lab.environments.local.lifecycle import LocalDeployment
from twinshop.lab.shapes import REDIS_OFFSET, Shape, group
from twinshop.testing.ports import free_port_range

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """An empty checkout in a folder whose name needs quoting."""
    root = tmp_path / 'my shop, it\'s new; 100% #1 "$HOME"'
    (root / "lab").mkdir(parents=True)
    (root / "uv.lock").touch()
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def free_port():
    """The first of ten free ports in a row."""
    return free_port_range(REDIS_OFFSET + 1)


@pytest.fixture
def shape(free_port, monkeypatch) -> Shape:
    """The storefront alone, the other four together; each is `programs/fake_component.py`."""
    monkeypatch.setenv("PYTHONPATH", str(PROGRAMS))
    made = group("test", [("storefront",), ("catalog", "cart", "payment", "translate")], free_port)
    return replace(made, processes=tuple(replace(each, module="fake_component") for each in made.processes))


@pytest.fixture
def said():
    """What a deployment told while it worked."""
    return []


@pytest.fixture
def local(root, shape, said):
    deployment = LocalDeployment(shape, root, said.append)
    yield deployment
    deployment.down()


@pytest.fixture
def guards():
    """Finds the processes that guard the environment in a folder."""

    def found_of(folder):
        found = []
        for process in psutil.process_iter():
            try:
                line = process.cmdline()
            except psutil.Error:
                continue
            if "twinshop.lab.reaper" in line and str(folder) in line:
                found.append(process)
        return found

    return found_of
