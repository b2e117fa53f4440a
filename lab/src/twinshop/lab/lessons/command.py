"""The verb `twinshop check`."""

import argparse
from typing import Any

from twinshop.lab import repository
from twinshop.lab.arguments import verb
from twinshop.lab.lessons.checks import LESSONS
from twinshop.lab.lessons.findings import Figure, Step, report
from twinshop.lab.lessons.machine import ThisMachine
from twinshop.lab.terminal import say

DESCRIPTION = """Check a lesson on this machine: which steps are done, wrong or missing. Once all are done, print the
measured results side by side. Run it before the shops are stopped. The exit code is 1 unless all steps are done."""
EXAMPLES = {"twinshop check 2": "say what of lesson 2 is done, wrong or missing"}


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    command = verb(commands, "check", _check, DESCRIPTION, EXAMPLES)
    names = ", ".join(f"{number} {lesson.title}" for number, lesson in LESSONS.items())
    command.add_argument(
        "lesson", type=int, choices=tuple(LESSONS), metavar="lesson", help=f"number of the lesson: {names}"
    )


def _check(arguments: argparse.Namespace) -> int:
    lesson = LESSONS[arguments.lesson]
    found = list(lesson.check(ThisMachine(repository.repository())))
    steps = [each for each in found if isinstance(each, Step)]
    figures = [each for each in found if isinstance(each, Figure)]
    done = all(each.verdict == "done" for each in steps)
    say(report(f"Lesson {arguments.lesson}: {lesson.title}", steps, figures if done else [], lesson.columns))
    return 0 if done else 1
