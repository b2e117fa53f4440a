"""The part of the report, from the records alone."""

from collections.abc import Sequence

from twinshop.lab.experiments.packaging import arms, tables
from twinshop.lab.experiments.packaging.analysis import claims
from twinshop.lab.experiments.packaging.arms import CONTAINER, MACHINE, VENV, VENV_AGAIN
from twinshop.lab.experiments.packaging.design import NAME
from twinshop.lab.report.plots import ecdf, phases
from twinshop.lab.report.section import Plot, Section
from twinshop.lab.results.figures import invalid, middle, values
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.verdict import Comparison

QUESTION = "What do a virtual environment, a container and a virtual machine cost, and how well do they isolate?"
FIGURES = {
    "first_answer_s": "first right answer",
    "first_answer_cpu_s": "CPU time until then",
    "host_memory_bytes": "memory when idle",
}
MIB = 2**20


def section(trials: Sequence[Trial], skipped: Sequence[str]) -> Section:
    drawn = [_starts(trials), _memory(trials)]
    shown = [tables.measured(trials), tables.isolation(trials)]
    return Section(
        NAME,
        QUESTION,
        _answer(trials),
        claims=claims(trials),
        comparisons=_comparisons(trials),
        plots=[plot for plot in drawn if plot is not None],
        tables=[table for table in shown if table.rows],
        limits=_limits(trials),
        skipped=skipped,
        headline=_headline(trials),
        main_effects=_main_effects(trials),
    )


def _main_effects(trials: Sequence[Trial]) -> dict[str, str]:
    """Return the starts, if they were compared for one pair of arms only: the chart knows effects by their words."""
    pairs = [each for words, each in _comparisons(trials) if words == "first right answer" and not each.noise_check]
    return {"first right answer": f"start, {pairs[0].other} ÷ {pairs[0].baseline}"} if len(pairs) == 1 else {}


def _headline(trials: Sequence[Trial]) -> str:
    found = {arm: middle(trials, arm, "first_answer_s") for arm in arms.ALL}
    emulated = " (emulated)" if arms.emulated(trials) else ""
    told = [
        f"{seconds:.2f} s as a {arm}{emulated if arm == MACHINE else ''}"
        for arm, seconds in found.items()
        if seconds is not None and arm != VENV_AGAIN
    ]
    return f"The translator answers after {', '.join(told)}." if told else ""


def _comparisons(trials: Sequence[Trial]) -> list[tuple[str, Comparison]]:
    """The virtual environment with itself, then each of the others with the one that is lighter."""
    rows = [("first right answer", VENV, VENV_AGAIN, "first_answer_s")]
    rows += [(words, VENV, CONTAINER, figure) for figure, words in FIGURES.items()]
    rows += [(words, CONTAINER, MACHINE, figure) for figure, words in FIGURES.items()]
    found = [(words, compare(trials, figure, one, other, smaller_is_better=True)) for words, one, other, figure in rows]
    return [(words, each) for words, each in found if each.n]


def _answer(trials: Sequence[Trial]) -> str:
    said = []
    for arm in arms.ALL:
        start, memory, disk = (
            middle(trials, arm, figure) for figure in ("first_answer_s", "host_memory_bytes", "disk_bytes")
        )
        if start is not None and disk is not None:
            kind = f"{arm} (emulated)" if arm == MACHINE and arms.emulated(trials) else arm
            used = "" if memory is None else f"{memory / MIB:.0f} MiB of memory and "
            said.append(f"as a {kind} after {start:.2f} s, with {used}{disk / MIB:.0f} MiB of disk")
    if not said:
        return "Nothing was measured."
    return f"The translate component gives its first right answer {'; '.join(said)}. {invalid(trials)}".strip()


def _starts(trials: Sequence[Trial]) -> Plot | None:
    series = {arm: values(trials, arm, "first_answer_s") for arm in arms.ALL}
    known = {arm: found for arm, found in series.items() if found}
    if not known:
        return None
    caption = (
        "Time from the start to the first right answer of the translator; each step is one trial. The "
        "scale is logarithmic."
    )
    return Plot("packaging-starts", caption, lambda: ecdf(known, x="seconds to the first right answer", log=True))


def _memory(trials: Sequence[Trial]) -> Plot | None:
    bars: dict[str, dict[str, float]] = {}
    for arm in arms.ALL:
        whole, kept, guest = (middle(trials, arm, f"{name}_memory_bytes") for name in ("host", "keeper", "guest"))
        if whole is None:
            continue
        own = whole - (kept or 0.0) if guest is None else min(guest, whole)
        bars[arm] = {"what runs inside": own / MIB, "what keeps it running": (whole - own) / MIB}
    if not bars:
        return None
    caption = (
        "Memory of the host when idle (medians). Inside: the component, and in a virtual machine also its "
        "kernel, as the guest counts it. Keeping it running: the supervisor and port forwarder of the "
        "container; QEMU and all memory that its guest has touched."
    )
    return Plot("packaging-memory", caption, lambda: phases(bars, x="MiB of the host's memory (PSS)", total="{:.0f}"))


LIMITS = (
    (
        "One component was measured on one machine, and its files were in the page cache. The first start after a "
        "reboot takes longer. Downloading an image or a disk is not included."
    ),
    (
        "This virtual machine is smaller than usual: QEMU loads the kernel directly, and the machine has no boot "
        "loader or init system, and a read-only disk. A full distribution takes several seconds longer to start."
    ),
    (
        "PSS divides a page among the processes that share it. The virtual environment shares its "
        "interpreter with everything else that runs on it, including the lab."
    ),
    "CPU time of a container does not include what the engine spends on starting it.",
    (
        "Isolation here means the results of three attempts, not a proof: a container may be given more "
        "rights, and a kernel may have holes."
    ),
)


def _limits(trials: Sequence[Trial]) -> list[str]:
    limits = [*LIMITS]
    ours, theirs = (arms.detail(trials, arm).get("isolation", {}).get("python") for arm in (VENV, CONTAINER))
    if ours and theirs and ours != theirs:
        limits.append(
            f"The virtual environment runs on Python {ours}, the image on {theirs}: part of the difference is Python's."
        )
    if why := arms.emulated(trials):
        limits.append(
            f"The virtual machine was emulated ({why}): its times and its memory are not those of one with KVM."
        )
    return limits
