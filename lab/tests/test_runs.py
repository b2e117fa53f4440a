"""A run on the disk: kept trial by trial, found again, read with care."""

import json

import pytest

from twinshop.lab.errors import UsageError
from twinshop.lab.results.run import Run, all_runs, find_run, new_run
from twinshop.lab.results.trial import Outcome, Spec, Trial


def trial(number, **figures):
    spec = Spec("startup", "mono", number, {"runtime": "local"})
    return Trial(
        f"startup-{number:04}", spec, number, "2026-01-01T00:00:00.000+00:00", 1.5, Outcome(figures, {"a": [1]})
    )


@pytest.fixture
def run(tmp_path):
    made = new_run(tmp_path, "quick")
    made.describe(seed=7)
    return made


def test_trials_are_read_as_they_were_kept_in_their_order(run):
    kept = [trial(2, first_page_s=1.25), trial(1)]
    for each in kept:
        run.keep(each)

    assert run.trials() == kept


def test_a_line_that_was_cut_off_does_not_count(run):
    run.keep(trial(1))
    with (run.folder / "trials.jsonl").open("a") as file:
        file.write('{"id": "startup-00')

    assert run.trials() == [trial(1)]


def test_a_reason_is_told_once(run):
    for reason in ("no docker", "no kvm", "no docker"):
        run.keep_skipped("packaging", reason)

    assert run.skipped("packaging") == ["no docker", "no kvm"]
    assert run.skipped("startup") == []


def test_describing_adds_to_what_is_known(run):
    run.describe(state="complete")

    assert run.manifest() == {"format": 1, "run": run.name, "seed": 7, "state": "complete"}


def test_a_run_is_found_by_name_by_its_beginning_by_path_and_as_the_latest(run, tmp_path):
    names = [run.name, run.name[:12], str(run.folder), "latest"]

    assert {find_run(tmp_path, name).folder for name in names} == {run.folder}


def test_the_latest_is_listed_once(run, tmp_path):
    assert all_runs(tmp_path) == [run]


def test_an_unknown_run_is_told_with_those_there_are(run, tmp_path):
    with pytest.raises(UsageError, match=run.name):
        find_run(tmp_path, "nothing")


def test_a_beginning_that_fits_two_runs_is_refused(run, tmp_path):
    other = Run(tmp_path / "results" / (run.name + "-again"))
    other.folder.mkdir()
    other.describe()

    with pytest.raises(UsageError, match="is ambiguous: it matches"):
        find_run(tmp_path, run.name[:12])


@pytest.mark.parametrize("text", ["not json", json.dumps({"format": 99})])
def test_what_cannot_be_read_is_refused(run, text):
    (run.folder / "run.json").write_text(text)

    with pytest.raises(UsageError):
        run.manifest()


@pytest.mark.parametrize("name", ["../up", "", "Große", "a b"])
def test_a_name_that_is_no_folder_name_is_refused(tmp_path, name):
    with pytest.raises(UsageError):
        new_run(tmp_path, name)
