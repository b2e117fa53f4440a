"""Each packaging once for real."""

from pathlib import Path

import pytest

from twinshop.lab.cores import divided
from twinshop.lab.environments.sources import copied
from twinshop.lab.errors import Unsupported
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.packaging import arms, experiment
from twinshop.lab.experiments.packaging.machine import Machine
from twinshop.lab.experiments.packaging.options import PackagingOptions
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.results.trial import Spec

ROOT = Path(__file__).parents[4]
TRIED = ("sees_host_process", "writes_host_file", "reaches_host_loopback")
REQUEST = Request("smoke", ("docker", "local"))


@pytest.fixture
def measure(tmp_path):
    """One trial from a copy of the repository, so that what it makes is in no checkout."""
    folder = tmp_path / "trial"
    folder.mkdir()
    with copied(ROOT) as root:

        def measured(arm):
            bench = Bench(root, folder, 1, *divided(), print)
            return experiment.PackagingExperiment().run(Spec("packaging", arm, 0), REQUEST, bench)

        yield measured


@pytest.mark.integration
def test_a_virtual_environment_holds_the_component_and_its_packages_and_isolates_nothing_else(measure):
    try:
        outcome = measure(arms.VENV)
    except Unsupported as skipped:
        pytest.skip(str(skipped))

    figures, facts = outcome.figures, outcome.detail["isolation"]
    assert 0 < figures["first_answer_cpu_s"] <= 2 * figures["first_answer_s"]
    assert 10e6 < figures["host_memory_bytes"] < 300e6
    assert 10e6 < figures["disk_bytes"] < 200e6
    assert figures["host_disk_bytes"] > 10e6
    assert [facts[tried] for tried in TRIED] == [True, True, True]
    assert facts["same_kernel"]


@pytest.mark.docker
@pytest.mark.timeout(600)
def test_a_container_sees_nothing_of_the_host_but_its_kernel(measure):
    outcome = measure(arms.CONTAINER)

    figures, facts = outcome.figures, outcome.detail["isolation"]
    assert figures["first_answer_s"] > 0
    assert 10e6 < figures["cgroup_memory_bytes"] < 300e6
    assert figures["engine_cgroup_memory_bytes"] > figures["cgroup_memory_bytes"] + 30e6
    assert figures["engine_answer_s"] > 0
    assert figures["disk_bytes"] > figures["added_bytes"] > 100e6
    assert facts["same_kernel"]
    assert [facts[tried] for tried in TRIED] == [False, False, False]
    assert facts["user"] == 10001
    assert int(facts["capabilities"], 16) == 0


@pytest.mark.docker
@pytest.mark.timeout(900)
def test_a_virtual_machine_has_a_kernel_of_its_own(measure):
    if why := Machine().missing(PackagingOptions()):
        pytest.skip(why)
    try:
        outcome = measure(arms.MACHINE)
    except Unsupported as skipped:  # no kernel can be fetched
        pytest.skip(str(skipped))

    figures, facts = outcome.figures, outcome.detail["isolation"]
    assert figures["first_answer_s"] > 0
    assert 20e6 < figures["guest_memory_bytes"] < figures["host_memory_bytes"]
    assert figures["engine_answer_s"] > 0
    assert 100e6 < figures["disk_bytes"] < figures["apparent_bytes"]
    assert not facts["same_kernel"]
    assert facts["kernel"] == outcome.detail["artefact"]["detail"]["kernel"]
    assert [facts[tried] for tried in TRIED] == [False, False, False]
    assert facts["user"] == 10001
    assert facts["memory_bytes"] < 512 * 2**20
