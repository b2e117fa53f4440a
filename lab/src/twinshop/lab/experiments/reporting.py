"""The report of a run: its records, seen by its experiments."""

from pathlib import Path

from twinshop.lab.experiments.registry import experiment
from twinshop.lab.report.family import corrected
from twinshop.lab.report.page import make_report
from twinshop.lab.report.section import Section
from twinshop.lab.report.two_runs import RunSections
from twinshop.lab.report.withdrawn import without_withdrawn
from twinshop.lab.results.errata import read_errata
from twinshop.lab.results.run import Run


def report(run: Run, called: str) -> tuple[Path, list[str]]:
    """
    Make the page from the files of the run alone; and the sections that could not be made, with the reasons.

    Args:
        run: whose page it is.
        called: what `lab report` is told to find it; the page says so.
    """
    sections, wrong = sections_of(run)
    errata = read_errata(run.folder)
    return make_report(run.folder, run.manifest(), run.trials(), sections, called, errata), wrong


def told(run: Run) -> RunSections:
    """The run as `lab compare` wants it."""
    return RunSections(run.name, run.manifest(), sections_of(run)[0])


def sections_of(run: Run) -> tuple[list[Section], list[str]]:
    """
    What each experiment of the run says; those that have neither trials nor reasons say nothing.

    An experiment that cannot say anything (few trials, or those of another version) must not take the others with it:
    its section says what went wrong.
    """
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
            answer = f"This section could not be made from the records ({reason})."
            sections.append(Section(name, asked.question, answer, skipped=skipped))
    return corrected(without_withdrawn(sections, read_errata(run.folder))), wrong
