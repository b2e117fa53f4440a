"""Every lesson does what it says, run as it is written."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from twinshop.lab.environments.ports import taken
from twinshop.lab.experiments.startup.trial import PHASES
from twinshop.lab.shapes import COMPONENTS

from .lesson import Block, as_script, blocks, matches, needs_docker

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("the checkout")]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "lessons"
LESSONS = sorted(FOLDER.glob("[0-9]*.md"))
PATCHES = ("gift-note", "language")
CHANGES_CODE = [FOLDER / "11-maintenance.md"]
HEADINGS = ["## Goals", "## Predict", "## Run", "## Explain", "## Questions"]
MARK = "-- end of block --"
PORTS = (8100, 8110, 8200, 8210, 5001, 8398, 8399)
SECONDS = 600
NESTED, NESTED_SECONDS = "10-environment-container-machine", 900
"""A machine whose processor is emulated needs minutes to load an image into its engine."""
VOLUMES = ("twinshop-mono_", "twinshop-micro_")


def asked(*arguments):
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


def run(lesson, checkout):
    """What each block printed; the shop is stopped afterwards, whatever happened."""
    busy = [port for port in PORTS if taken(port)]
    if busy:
        pytest.skip(f"port {busy[0]} is taken: the lessons use the checkout")
    parts = blocks(lesson)
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment["PATH"] += f"{os.pathsep}{ROOT / '.tools' / 'bin'}"  # the uv that made this checkout's environment
    try:
        done = subprocess.run(
            ["bash", "-c", as_script(parts, MARK)],
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            timeout=NESTED_SECONDS if lesson.stem == NESTED else SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        # bytes in spite of `text`, perhaps up to the middle of a character
        said = ((output or b"").decode(errors="replace")[-2000:] for output in (late.stdout, late.stderr))
        pytest.fail("not through in {:.0f} s, after\n{}\n{}".format(late.timeout, *said))
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return parts, done.stdout.split(MARK)


def check(lesson, checkout=ROOT):
    parts, printed = run(lesson, checkout)
    for part, output in zip(parts, printed, strict=False):
        if part.output is not None:
            assert matches(part.output, output), f"{part.commands}\nprinted\n{output}\nand not\n{part.output}"


@pytest.fixture
def copy(tmp_path):
    """A checkout of its own, for a lesson that changes code: other tests start processes of this one meanwhile."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    copy = tmp_path / "twinshop"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():  # not one that is deleted, but not committed
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    git = ["git", "-c", "user.name=A student", "-c", "user.email=student@example.com"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "The state of this checkout"]):
        subprocess.run([*git, *command], cwd=copy, check=True)
    yield copy
    subprocess.run(["make", "down", "RUNTIME=local"], cwd=copy, capture_output=True, check=False)


@pytest.fixture
def copy_with_this_environment(copy):
    """The same with the packages of this checkout: the lessons with Docker change only what images are made from."""
    environment, ready = copy / ".venv", ".ready"
    environment.mkdir()
    for each in (ROOT / ".venv").iterdir():
        if each.name != ready:
            (environment / each.name).symlink_to(each)
    (environment / ready).touch()  # newer than all sources: make never changes this checkout's environment
    return copy


@pytest.fixture
def nothing_stays():
    """A lesson that failed half-way leaves no shop behind."""
    yield
    subprocess.run(["make", "down", "RUNTIME=local"], cwd=ROOT, capture_output=True, check=False)


def holds_real_starts(trial):
    """A trial of the startup experiment has measured every start, restart and phase that it is to measure."""
    figures, detail = trial["outcome"]["figures"], trial["outcome"]["detail"]
    for kind in ("cold", "warm"):
        assert 0 < figures[f"{kind}_first_page_s"] <= figures[f"{kind}_first_order_s"]
        assert figures[f"{kind}_ready_s"] > 0
        assert figures[f"{kind}_cpu_s"] > 0
    assert all(figures[f"restart_{component}_s"] > 0 for component in COMPONENTS)
    assert figures["idle_memory_with_stores_bytes"] > figures["idle_memory_bytes"] > 2**20
    parts = detail["cold"]["parts"]
    assert set(parts) == ({"mono"} if trial["spec"]["arm"] == "mono" else set(COMPONENTS))
    for phases in parts.values():
        assert tuple(phases) == PHASES
        assert min(phases["interpreter"], phases["imports"], phases["initialise"]) > 0
        assert sum(phases.values()) == pytest.approx(figures["cold_ready_s"], rel=1.0)
    assert trial["outcome"]["void"] is None


@pytest.mark.usefixtures("nothing_stays")
@pytest.mark.timeout(SECONDS + 60)
@pytest.mark.parametrize(
    "lesson",
    [each for each in LESSONS if not needs_docker(each) and each not in CHANGES_CODE],
    ids=lambda each: each.stem,
)
def test_a_lesson_does_what_it_says(lesson):
    check(lesson)
    if lesson.stem == "3-the-start":  # the only run of that experiment in the tests: each takes half a minute
        trials = [json.loads(line) for line in (ROOT / "results" / "latest" / "trials.jsonl").read_text().splitlines()]
        assert {trial["spec"]["arm"] for trial in trials} == {"mono", "micro"}
        for trial in trials:
            holds_real_starts(trial)


@pytest.mark.usefixtures("nothing_stays")
@pytest.mark.timeout(SECONDS + 60)
@pytest.mark.parametrize("lesson", CHANGES_CODE, ids=lambda each: each.stem)
def test_a_lesson_that_changes_code_does_what_it_says(lesson, copy):
    check(lesson, copy)


@pytest.mark.docker
@pytest.mark.timeout(NESTED_SECONDS + 60)
@pytest.mark.parametrize("lesson", [each for each in LESSONS if needs_docker(each)], ids=lambda each: each.stem)
def test_a_lesson_with_docker_does_what_it_says(lesson, registry, copy_with_this_environment):
    if kept := [name for name in asked("volume", "ls", "-q").split() if name.startswith(VOLUMES)]:
        pytest.skip(f"the shop on this machine has data ({kept[0]}), which a lesson would use and this test delete")
    try:
        check(lesson, copy_with_this_environment)
    finally:
        lab = [".venv/bin/lab", "down", "--delete", "--runtime", "docker"]
        subprocess.run(lab, cwd=copy_with_this_environment, capture_output=True, check=False)
        names = (
            "lesson-hello",
            "lesson-greeter",
            "lesson-service",
            "lesson-pirate",
            "lesson-production",
            "lesson-registry",
        )
        subprocess.run(["docker", "rm", "-f", *names], capture_output=True, check=False)


@pytest.fixture(scope="session")
def registry():
    """The image `registry:2`: pulled, or where no registry can be reached Debian's package of the same program."""
    known = ["docker", "image", "inspect", "registry:2"]
    if subprocess.run(known, capture_output=True, check=False).returncode == 0:
        return
    if subprocess.run(["docker", "pull", "-q", "registry:2"], capture_output=True, check=False).returncode == 0:
        return
    command = ["docker", "build", "-q", "-t", "registry:2", str(Path(__file__).parent / "registry")]
    subprocess.run(command, check=True, capture_output=True)


def test_each_lesson_is_listed_and_asks_to_predict_run_and_explain():
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    for lesson in LESSONS:
        text = lesson.read_text(encoding="utf-8")
        assert f"({lesson.name})" in listed
        assert [line for line in text.splitlines() if line.startswith("## ")] == HEADINGS
        assert re.search(r"^Duration: \d+ minutes$", text, re.MULTILINE)
        assert ("Docker" in listed.partition(f"({lesson.name})")[2].partition("\n")[0]) == needs_docker(lesson)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda each: each.stem)
def test_a_lesson_is_checked_and_each_question_has_an_answer_for_teachers(lesson):
    text = lesson.read_text(encoding="utf-8")
    answers = (FOLDER / "answers" / lesson.name).read_text(encoding="utf-8")
    questions = re.findall(r"^\d+\. ", text.partition("## Questions")[2], re.MULTILINE)

    assert len(questions) >= 3
    assert re.findall(r"^\d+\. ", answers, re.MULTILINE) == questions
    assert f"(answers/{lesson.name})" in text
    checks = [part for part in blocks(lesson) if f"twinshop check {lesson.stem.partition('-')[0]}\n" in part.commands]
    assert len(checks) == 1
    assert "result" in checks[0].output


@pytest.mark.parametrize("change", PATCHES)
def test_the_changes_of_the_lesson_on_maintenance_can_be_applied(change):
    """Where one cannot, make it anew: apply it by hand, then `git diff -U1 > docs/lessons/<change>.patch`."""
    patch = f"docs/lessons/{change}.patch"
    done = subprocess.run(["git", "apply", "--check", patch], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_outputs_are_held_against_what_is_written():
    assert matches("a\n…\nb …!", "a\nx\ny\nb c!\n")
    assert matches("…\nb", "b\n")
    assert not matches("a\nb", "a\nb\nc\n")
    assert not matches("a …", "b c\n")
    assert Block("x", None).output is None
