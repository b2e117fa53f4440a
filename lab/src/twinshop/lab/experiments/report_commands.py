"""The commands `lab report` and `lab compare`: pages and comparisons from the files of runs alone."""

import argparse
import shlex
from typing import Any

from twinshop.lab import repository
from twinshop.lab.results.run import LATEST, Run, find_run
from twinshop.lab.terminal import complain, say

RUN_HELP = "a folder, a name under results/ or the beginning of one, or `latest`"


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    """Add the commands to the command line; each sets `run`."""
    report = commands.add_parser("report", description="Rebuild the report of a run from its files alone.")
    report.add_argument("of", nargs="?", default=LATEST, metavar="RUN", help=f"{RUN_HELP}; default: latest")
    report.set_defaults(run=_report)
    compare = commands.add_parser(
        "compare",
        description="Compare the figures of two runs side by side, and name the differences between the runs.",
    )
    compare.add_argument("one", metavar="RUN", help=RUN_HELP)
    compare.add_argument("other", metavar="RUN", help="the same")
    compare.set_defaults(run=_compare)


def _report(arguments: argparse.Namespace) -> int:
    return write_report(found(arguments.of))


def write_report(run: Run) -> int:
    """Make the page and say where it is; the exit code is 1 if a section could not be made."""
    from twinshop.lab.experiments.reporting import report  # noqa: PLC0415 - Matplotlib takes a second

    page, wrong = report(run, _called(run))
    for reason in wrong:
        complain(f"A section could not be made. {reason}")
    say(f"Report: {page}")
    return 1 if wrong else 0


def _called(run: Run) -> str:
    """The shortest that `find_run` takes for it, from the repository's folder."""
    root, folder = repository.repository().resolve(), run.folder.resolve()
    if folder == (root / "results" / run.name).resolve():
        return run.name
    return shlex.quote(str(folder.relative_to(root) if folder.is_relative_to(root) else folder))


def _compare(arguments: argparse.Namespace) -> int:
    from twinshop.lab.experiments.reporting import told  # noqa: PLC0415 - as above
    from twinshop.lab.report.two_runs import compare_runs  # noqa: PLC0415

    say(compare_runs(told(found(arguments.one)), told(found(arguments.other))))
    return 0


def found(text: str) -> Run:
    """The run that is meant. Raises UsageError: there is none, or it cannot be read."""
    run = find_run(repository.repository(), text)
    run.manifest()
    return run
