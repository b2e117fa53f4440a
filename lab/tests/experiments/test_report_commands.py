"""`twinshop report` and `twinshop compare`, on a run that is on the disk."""

import json
import shutil

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.experiments import reporting
from twinshop.lab.report.section import Section
from twinshop.lab.results.run import new_run
from twinshop.lab.results.trial import Outcome, Spec, Trial
from twinshop.lab.statistics.compare import compare


class Fake:
    """An experiment with one figure."""

    question = "How long does nothing take?"

    def section(self, trials, skipped):
        found = compare(trials, "time_s", "mono", "micro", smaller_is_better=True)
        return Section("fake", self.question, "No time at all.", comparisons=[("nothing", found)], skipped=skipped)


@pytest.fixture
def made(root, monkeypatch):
    """Two runs under `results/`; the repository is the working folder."""
    monkeypatch.setattr(reporting, "experiment", lambda _: Fake())

    def make(name, factor):
        run = new_run(root, name)
        run.describe(experiments=["fake", "never run"], seed=factor, state="complete")
        for position in range(8):
            spec = Spec("fake", ("mono", "micro")[position % 2], position // 2)
            figures = {"time_s": (1.0 + position // 2) * (factor + position / 100 if position % 2 else 1)}
            run.keep(Trial(f"fake-{position:04}", spec, position, "2026-01-01T00:00:00", 1.0, Outcome(figures)))
        run.keep_skipped("fake", "There is no engine here.")
        return run

    return make


def test_the_page_is_made_again_from_the_files_alone(made, capsys):
    run = made("one", 2)

    assert main(["report"]) == 0
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "How long does nothing take?" in page
    assert "There is no engine here." in page
    assert '<a href="trials.jsonl">' in page
    assert str(run.folder / "report.html") in capsys.readouterr().out


def test_the_page_says_how_to_make_it_again_where_it_lies_now(made, root):
    run = made("one", 2)
    moved = root / "docs" / "report"
    shutil.copytree(run.folder, moved)

    assert main(["report", run.name]) == main(["report", "docs/report"]) == 0
    assert f"<code>uv run twinshop report {run.name}</code>" in (run.folder / "report.html").read_text(encoding="utf-8")
    assert "<code>uv run twinshop report docs/report</code>" in (moved / "report.html").read_text(encoding="utf-8")


def test_a_section_that_cannot_be_made_does_not_take_the_page_with_it(made, capsys):
    run = made("one", 2)
    with (run.folder / "trials.jsonl").open() as file:
        row = json.loads(file.readline())
    row["outcome"]["figures"]["time_s"] = 0.0
    with (run.folder / "trials.jsonl").open("a") as file:
        file.write(json.dumps(row | {"spec": row["spec"] | {"block": 9, "arm": "mono"}}) + "\n")
        file.write(json.dumps(row | {"spec": row["spec"] | {"block": 9, "arm": "micro"}}) + "\n")

    assert main(["report", "latest"]) == 1
    assert "not always above 0" in capsys.readouterr().err
    assert "This section could not be created from the records" in (run.folder / "report.html").read_text()


def test_two_runs_are_compared(made, capsys):
    made("one", 2)
    made("two", 2)

    assert main(["compare", "latest", "latest"]) == 0
    out = capsys.readouterr().out
    assert "fake: nothing (micro against mono)" in out
    assert "they agree" in out
    assert "Both runs have the same settings" in out


def test_a_run_that_is_not_there_is_one_clear_message(made, capsys):
    made("one", 2)

    assert main(["report", "nowhere"]) == 2
    assert capsys.readouterr().err.startswith("unknown run 'nowhere'.")
