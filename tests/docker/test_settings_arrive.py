"""Every setting of a shell arrives: in the running containers of Compose, and in what a Swarm is asked to run."""

import subprocess

import pytest
import yaml

from twinshop.lab.environments.variables import handed_on
from twinshop.lab.shapes import MICRO, MONO
from twinshop.testing.settings import not_arrived, parsed, values

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]
BEHIND_AN_EDGE = "TWINSHOP_TRUSTED_PROXIES"
"""The processes believe the edge, and the edge whom the environment names."""


def wanted(process):
    """What the settings of the components of a process are to be."""
    names = {each for component in ("", *process.components) for each in handed_on(component)} - {BEHIND_AN_EDGE}
    return {name: values()[name] for name in names}


def service(shape, process):
    return "monolith" if shape is MONO else process.name


@pytest.mark.parametrize("shape", [MONO, MICRO], ids=lambda shape: shape.name)
def test_every_setting_arrives_in_the_containers_of_compose(up, docker, shape):
    with up(f"twinshop-test-settings-{shape.name}", f"compose/{shape.name}.yaml", **values()) as shop:

        def variables(name):
            environ = ["docker", "exec", shop.container(name), "cat", "/proc/1/environ"]
            return parsed(subprocess.run(environ, capture_output=True, check=True, timeout=60).stdout)

        for process in shape.processes:
            assert not_arrived(variables(service(shape, process)), wanted(process)) == {}, process.name
        assert variables("edge")[BEHIND_AN_EDGE] == values()[BEHIND_AN_EDGE]


@pytest.mark.parametrize("shape", [MONO, MICRO], ids=lambda shape: shape.name)
def test_every_setting_arrives_in_what_a_swarm_is_asked_to_run(docker, shape):
    files = ("-c", "deploy/swarm/edge.yaml", "-c", f"deploy/swarm/{shape.name}.yaml")
    services = yaml.safe_load(docker("stack", "config", *files, **values()))["services"]

    for process in shape.processes:
        assert not_arrived(services[service(shape, process)]["environment"], wanted(process)) == {}, process.name
    assert services["edge"]["environment"][BEHIND_AN_EDGE] == values()[BEHIND_AN_EDGE]
