"""The tables of the section: the lecture's comparison with measured numbers, and what isolation was found."""

from collections.abc import Callable, Sequence

from twinshop.lab.experiments.packaging import arms
from twinshop.lab.report.numbers import DASH
from twinshop.lab.report.section import Table
from twinshop.lab.results.figures import of, values
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.intervals import interval

MIB = 2**20
ROWS = (
    ("start to first right answer, s", "first_answer_s", 1.0, ".2f"),
    ("CPU time until then, s", "first_answer_cpu_s", 1.0, ".2f"),
    ("first machine translation, s more", "engine_answer_s", 1.0, ".2f"),
    ("memory of the host when idle (PSS), MiB", "host_memory_bytes", MIB, ".0f"),
    ("… of that for what keeps it running, MiB", "keeper_memory_bytes", MIB, ".0f"),
    ("… by its control group, MiB", "cgroup_memory_bytes", MIB, ".0f"),
    ("… as the guest sees it, MiB", "guest_memory_bytes", MIB, ".0f"),
    ("memory of the host with one engine, MiB", "engine_host_memory_bytes", MIB, ".0f"),
    ("on the disk, MiB", "disk_bytes", MIB, ".0f"),
    ("… besides, of the host: Python and the engine, MiB", "host_disk_bytes", MIB, ".0f"),
    ("… on top of the base image, MiB", "added_bytes", MIB, ".0f"),
    ("… with the holes of its files, MiB", "apparent_bytes", MIB, ".0f"),
    ("rebuilt after one changed line, s", "build_s", 1.0, ".1f"),
)
ONCE = ("disk_bytes", "host_disk_bytes", "added_bytes", "apparent_bytes", "build_s")
"""Measured once for a run: no interval."""


def measured(trials: Sequence[Trial]) -> Table:
    shown = [arm for arm in arms.ALL if of(trials, arm)]
    rows = [
        [name, *(_cell(values(trials, arm, figure), figure, unit, form) for arm in shown)]
        for name, figure, unit, form in ROWS
    ]
    known = [row for row in rows if set(row[1:]) != {DASH}]
    header = ("", *(f"{arm} (n = {len(of(trials, arm))})" for arm in shown))
    caption = "One component in each packaging: medians over the starts, with their 95 % interval from six starts on."
    return Table("packaging-measured", caption, header, known if shown else [])


def _cell(found: Sequence[float], figure: str, unit: float, form: str) -> str:
    if not found:
        return DASH
    scaled = [value / unit for value in found]
    middle = interval(scaled)
    low, value, high = (format(each, form) for each in (middle.low, middle.value, middle.high))
    known = figure not in ONCE and middle.low <= middle.high and low != high
    return f"{value} [{low}, {high}]" if known else value


def _yes(value: object) -> str:
    return "yes" if value else "no"


FACTS: tuple[tuple[str, str, Callable[[object], str]], ...] = (
    ("runs on the host's kernel", "same_kernel", _yes),
    ("kernel", "kernel", str),
    ("sees a process of the host", "sees_host_process", _yes),
    ("processes it sees", "processes", str),
    ("wrote a world-writable file of the host", "writes_host_file", _yes),
    ("reached a port of the host's 127.0.0.1", "reaches_host_loopback", _yes),
    ("user inside", "user", str),
    ("user of its processes on the host", "user_on_host", str),
    ("capabilities of that user inside", "capabilities", lambda mask: f"{int(str(mask), 16).bit_count()}"),
    ("processors it sees", "processors", str),
    ("memory it sees, MiB", "memory_bytes", lambda size: f"{int(str(size)) / MIB:.0f}"),
    ("Python", "python", str),
)


def isolation(trials: Sequence[Trial]) -> Table:
    found = {arm: arms.detail(trials, arm).get("isolation") for arm in arms.ALL}
    known = {arm: facts for arm, facts in found.items() if facts}
    rows = [[words, *(write(facts[fact]) for facts in known.values())] for words, fact, write in FACTS]
    caption = (
        "What a program beside the component, running as its user, could see and do. Its writes and "
        "connections were verified on the host."
    )
    return Table("packaging-isolation", caption, ("", *known), rows if known else [])
