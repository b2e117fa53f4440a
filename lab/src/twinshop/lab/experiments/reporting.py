"""The report of a run, made by its experiments from its records."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from twinshop.lab.experiments.registry import experiment
from twinshop.lab.report.family import corrected
from twinshop.lab.report.page import make_report
from twinshop.lab.report.section import Section
from twinshop.lab.report.two_runs import RunSections
from twinshop.lab.report.withdrawn import without_withdrawn
from twinshop.lab.results.errata import read_errata
from twinshop.lab.results.run import Run
from twinshop.lab.statistics.looks import looks


@dataclass(frozen=True, slots=True)
class Report:
    """
    A report that was written.

    Attributes:
        page: the file.
        sections: what it says.
        failed: the sections that could not be made, with the reasons.
    """

    page: Path
    sections: Sequence[Section]
    failed: Sequence[str]


def report(run: Run, called: str) -> Report:
    """
    Write the page from the files of the run alone.

    Args:
        run: the run.
        called: the argument with which `twinshop report` finds the run; the page quotes it.
    """
    sections, failed = sections_of(run)
    errata = read_errata(run.folder)
    page = make_report(run.folder, run.manifest(), run.trials(), sections, called, errata)
    return Report(page, sections, failed)


def as_json(run: Run, made: Report) -> dict[str, Any]:
    """Return what the report says, for a program."""
    return {
        "run": run.name,
        "page": str(made.page),
        "failed": list(made.failed),
        "sections": [
            {
                "name": section.name,
                "question": section.question,
                "answer": section.answer,
                "claims": [asdict(claim) for claim in section.claims],
                "comparisons": [
                    {"words": words, "kind": each.kind, **asdict(each), "verdict": each.verdict}
                    for words, each in section.comparisons
                ],
                "skipped": list(section.skipped),
            }
            for section in made.sections
        ],
    }


def told(run: Run) -> RunSections:
    """Return the run for `twinshop compare`."""
    return RunSections(run.name, run.manifest(), sections_of(run)[0])


def sections_of(run: Run) -> tuple[list[Section], list[str]]:
    """
    Return a section for each experiment of the run that has trials, or a reason why it has none; and what failed.

    An experiment whose section fails (too few trials, or those of another version) does not stop the others: its
    section says what went wrong.
    """
    planned = len(run.manifest().get("until", {}).get("looks", ())) or 1
    with looks(planned):
        return _sections_of(run)


def _sections_of(run: Run) -> tuple[list[Section], list[str]]:
    trials = run.trials()
    sections, wrong = [], []
    for name in run.manifest().get("experiments", ()):
        own, skipped = [trial for trial in trials if trial.spec.experiment == name], run.skipped(name)
        if not own and not skipped:
            continue
        asked = experiment(name)
        reads = (name, *getattr(asked, "also_reads", ()))
        try:
            sections.append(asked.section([trial for trial in trials if trial.spec.experiment in reads], skipped))
        except Exception as error:  # noqa: BLE001 - said on the page and by the command, which then fails
            reason = f"{name}: {type(error).__name__}: {error}"
            wrong.append(reason)
            answer = f"This section could not be created from the records ({reason})."
            sections.append(Section(name, asked.question, answer, skipped=skipped))
    return corrected(without_withdrawn(sections, read_errata(run.folder))), wrong
