"""Every setting of a shell that starts a shop on the local runtime is in the environment of the processes it is for."""

import re
from pathlib import Path

import pytest

import twinshop.catalog
import twinshop.translate
from twinshop.lab.environments.local.lifecycle import LocalDeployment
from twinshop.lab.environments.variables import handed_on
from twinshop.lab.shapes import REDIS_OFFSET, parse
from twinshop.testing.ports import free_port_range
from twinshop.testing.settings import not_arrived, parsed, values

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("name", ["mono", "micro"])
def test_every_setting_arrives_in_the_processes(name, tmp_path, monkeypatch, started_before):
    given = values(Path(twinshop.catalog.__file__).parent, Path(twinshop.translate.__file__).parent)
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    shape = parse(name, free_port_range(REDIS_OFFSET + 1))
    started_before(shape, tmp_path)
    deployment = LocalDeployment(shape, tmp_path, lambda _: None)
    try:
        deployment.up(120)
        pids = {each.name: re.match(r"pid (\d+)", each.where)[1] for each in deployment.ps()}
        found = {part: parsed(Path(f"/proc/{pid}/environ").read_bytes()) for part, pid in pids.items()}
    finally:
        deployment.down(delete=True)

    for process in shape.processes:
        wanted = {each for component in ("", *process.components) for each in handed_on(component)}
        assert wanted <= given.keys()
        assert not_arrived(found[process.name], {each: given[each] for each in wanted}) == {}, process.name
