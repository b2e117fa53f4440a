"""The verbs `twinshop report` and `twinshop compare`, which read nothing but the files of runs."""

import argparse
import shlex
from typing import Any

from twinshop.lab import repository
from twinshop.lab.arguments import verb
from twinshop.lab.results.run import LATEST, Run, find_run
from twinshop.lab.terminal import complain, say, say_json

RUN_HELP = "a folder, the name of a run under results/ or the start of one, or `latest`"


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    """Add the verbs to the command line."""
    report = verb(
        commands,
        "report",
        _report,
        "Rebuild the report of a run from its files alone, and print where it is.",
        {
            "twinshop report": "the latest run",
            "twinshop report docs/report": "the run that the documentation shows",
            "twinshop report latest --json": "with claims, verdicts and comparisons",
        },
        json=True,
    )
    report.add_argument("of", nargs="?", default=LATEST, metavar="RUN", help=f"{RUN_HELP} (default: latest)")
    compare = verb(
        commands,
        "compare",
        _compare,
        "Compare the figures of two runs, and list the settings, machines and versions that differ.",
        {
            "twinshop compare docs/report docs/report/again": "a run and its repetition",
            "twinshop compare docs/report latest --json": "for a program",
        },
        json=True,
    )
    compare.add_argument("one", metavar="RUN", help=RUN_HELP)
    compare.add_argument("other", metavar="RUN", help="the other run")


def _report(arguments: argparse.Namespace) -> int:
    return write_report(found(arguments.of), json=arguments.json)


def write_report(run: Run, *, json: bool = False) -> int:
    """Write the page and print where it is. The exit code is 1 if a section could not be made."""
    from twinshop.lab.experiments.reporting import as_json, report  # noqa: PLC0415 - Matplotlib takes a second

    made = report(run, _called(run))
    for reason in made.failed:
        complain(f"A section of the report could not be created. {reason}")
    say(f"Report: {made.page}")
    if json:
        say_json(as_json(run, made))
    return 1 if made.failed else 0


def _called(run: Run) -> str:
    """Return the shortest text by which `find_run` finds the run from the repository's folder."""
    root, folder = repository.repository().resolve(), run.folder.resolve()
    if folder == (root / "results" / run.name).resolve():
        return run.name
    return shlex.quote(str(folder.relative_to(root) if folder.is_relative_to(root) else folder))


def _compare(arguments: argparse.Namespace) -> int:
    from twinshop.lab.experiments.reporting import told  # noqa: PLC0415 - as above
    from twinshop.lab.report import two_runs  # noqa: PLC0415

    one, other = told(found(arguments.one)), told(found(arguments.other))
    say(two_runs.compare_runs(one, other))
    if arguments.json:
        say_json(two_runs.as_json(one, other))
    return 0


def found(text: str) -> Run:
    """Return the run that the text names. Raises UsageError if there is none, or if it cannot be read."""
    run = find_run(repository.repository(), text)
    run.manifest()
    return run
