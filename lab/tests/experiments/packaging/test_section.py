"""The section, from records of trials as they are kept."""

import pytest

from twinshop.lab.errors import LabError
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.packaging import arms
from twinshop.lab.experiments.packaging.experiment import EXPERIMENT
from twinshop.lab.report import style
from twinshop.lab.report.numbers import DASH
from twinshop.lab.results.trial import Outcome, Spec, Trial

MIB = 2**20
FACTS = {
    "user": 0, "user_on_host": 0, "capabilities": "00000000000000ff", "processes": 90, "kernel": "6.18",
    "processors": 2, "memory_bytes": 1024 * MIB, "python": "3.13.1", "same_kernel": True,
    "sees_host_process": True, "writes_host_file": True, "reaches_host_loopback": True,
}  # fmt: skip
CLOSED = dict.fromkeys(("sees_host_process", "writes_host_file", "reaches_host_loopback"), False)
STARTS = {arms.VENV: 0.6, arms.VENV_AGAIN: 0.6, arms.CONTAINER: 1.0, arms.MACHINE: 3.0}
MEMORY = {arms.VENV: 40, arms.VENV_AGAIN: 40, arms.CONTAINER: 65, arms.MACHINE: 220}


def trial(arm, block, accelerator="kvm", **more):
    figures = {
        "first_answer_s": STARTS[arm] * (1 + 0.01 * block) * (1 if arm == arms.CONTAINER else 1 + 0.0003 * (block % 3)),
        "first_answer_cpu_s": 0.3,
        "host_memory_bytes": MEMORY[arm] * MIB * (1 if arm == arms.CONTAINER else 1 + 0.0003 * (block % 2)),
        "disk_bytes": {arms.CONTAINER: 520, arms.MACHINE: 480}.get(arm, 37) * MIB,
        "build_s": 2.0,
    }
    isolation = dict(FACTS)
    if arm in (arms.CONTAINER, arms.MACHINE):
        isolation |= CLOSED
    if arm == arms.CONTAINER:
        figures |= {"added_bytes": 300 * MIB, "keeper_memory_bytes": 14 * MIB}
    if arm == arms.MACHINE:
        figures |= {"guest_memory_bytes": 67 * MIB}
        isolation |= {"same_kernel": False, "kernel": "6.1"}
    detail = {
        "artefact": {"detail": {"accelerator": accelerator, "accelerator_why": "no help"}},
        "isolation": isolation,
    }
    spec = Spec("packaging", arm, block)
    return Trial(f"packaging-{arm}-{block}", spec, 0, "", 1.0, Outcome(figures | more, detail))


def run(accelerator="kvm", blocks=6):
    return [trial(arm, block, accelerator) for block in range(blocks) for arm in STARTS]


def verdicts(section):
    return {claim.text: claim.verdict for claim in section.claims}


def test_with_kvm_the_claims_are_held_against_the_measurement():
    section = EXPERIMENT.section(run(), [])

    assert verdicts(section) == {
        "A container starts faster than a virtual machine.": "holds",
        "A container needs less memory than a virtual machine.": "holds",
        "A virtual environment starts faster than a container.": "holds",
        "A container's image is smaller than a virtual machine's disk.": "in part",
        "A container shares the host's kernel, a virtual machine has one of its own.": "holds",
        "A virtual environment isolates packages, a container also processes, files and the network.": "holds",
    }
    assert "3.00 times (95 %: 3.00 to 3.00)" in section.claims[0].evidence


def test_an_emulated_machine_proves_nothing_about_time_and_memory():
    section = EXPERIMENT.section(run("tcg"), [])

    found = verdicts(section)
    assert found["A container starts faster than a virtual machine."] == "not measured"
    assert found["A container needs less memory than a virtual machine."] == "not measured"
    assert found["A container shares the host's kernel, a virtual machine has one of its own."] == "holds"
    assert "emulated (no help)" in section.claims[0].evidence
    assert "virtual machine (emulated) after 3.0" in section.answer
    assert any("emulated" in limit for limit in section.limits)


def test_claims_that_are_wrong_are_told_so():
    slow = [trial(arms.CONTAINER, block, first_answer_s=9.0, disk_bytes=100 * MIB) for block in range(3)]
    section = EXPERIMENT.section([*slow, *(trial(arms.MACHINE, block) for block in range(3))], [])

    assert verdicts(section)["A container starts faster than a virtual machine."] == "does not hold"
    assert verdicts(section)["A container's image is smaller than a virtual machine's disk."] == "holds"
    assert verdicts(section)["A virtual environment starts faster than a container."] == "not measured"


def test_the_table_has_a_column_for_each_packaging_and_only_rows_with_figures():
    measured, isolation = EXPERIMENT.section(run(), []).tables

    assert measured.header == ("", *(f"{arm} (n = 6)" for arm in arms.ALL))
    rows = {row[0]: row[1:] for row in measured.rows}
    assert rows["start to first right answer, s"][1] == "1.02 [1.00, 1.05]"
    assert rows["… as the guest sees it, MiB"] == [DASH, DASH, "67"]
    assert "… by its control group, MiB" not in rows
    assert ["wrote a world-writable file of the host", "yes", "no", "no"] in [list(row) for row in isolation.rows]
    assert ["capabilities of that user inside", "8", "8", "8"] in [list(row) for row in isolation.rows]


def test_the_plots_can_be_drawn_in_both_widths():
    section = EXPERIMENT.section(run(), [])
    assert [plot.name for plot in section.plots] == ["packaging-starts", "packaging-memory"]
    for narrow in (False, True):
        with style.look(narrow=narrow):
            for plot in section.plots:
                plot.draw().draw_without_rendering()


@pytest.mark.parametrize("trials", [[], [trial(arms.VENV, 0)], [trial(arms.MACHINE, 0).voided("late")]])
def test_few_trials_make_a_section_too(trials):
    section = EXPERIMENT.section(trials, ["virtual machine: there is no qemu."])
    assert section.skipped == ["virtual machine: there is no qemu."]
    assert {claim.verdict for claim in section.claims} == {"not measured"}
    assert section.answer


def test_without_docker_only_the_virtual_environment_is_planned():
    assert {spec.arm for spec in EXPERIMENT.plan(Request("quick", ("local",)))} == {arms.VENV}
    full = EXPERIMENT.plan(Request("full", ("docker", "local")))
    assert len(full) == 10 * 4
    assert {spec.arm for spec in full} == {arms.VENV, arms.VENV_AGAIN, arms.CONTAINER, arms.MACHINE}


@pytest.mark.parametrize(
    ("options", "said"), [({"packaging.x": "1"}, "no option"), ({"packaging.accelerator": "hvf"}, "not `hvf`")]
)
def test_a_wrong_option_is_told(options, said):
    with pytest.raises(LabError, match=said):
        EXPERIMENT.plan(Request("quick", ("local",), options=options))
