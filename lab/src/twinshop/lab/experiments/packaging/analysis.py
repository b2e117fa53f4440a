"""Compare the lecture's claims about packaging with the measurements."""

from collections.abc import Sequence
from typing import Any

from twinshop.lab.experiments.packaging import arms
from twinshop.lab.experiments.packaging.arms import CONTAINER, MACHINE, VENV
from twinshop.lab.report.section import Claim, Judgement
from twinshop.lab.results.figures import middle
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.compare import compare
from twinshop.lab.statistics.verdict import Comparison

MIB = 2**20


def claims(trials: Sequence[Trial]) -> list[Claim]:
    return [
        _less(
            trials,
            "A container starts faster than a virtual machine.",
            "first_answer_s",
            "the time to an answer",
            CONTAINER,
            MACHINE,
        ),
        _less(
            trials,
            "A container needs less memory than a virtual machine.",
            "host_memory_bytes",
            "the memory",
            CONTAINER,
            MACHINE,
        ),
        _less(
            trials,
            "A virtual environment starts faster than a container.",
            "first_answer_s",
            "the time to an answer",
            VENV,
            CONTAINER,
        ),
        _image(trials),
        _separate(trials),
        _packages_only(trials),
    ]


def _less(trials: Sequence[Trial], text: str, figure: str, words: str, small: str, large: str) -> Claim:
    """That the first arm has less of a figure than the other one."""
    found = compare(trials, figure, small, large, smaller_is_better=True)
    if not found.n:
        return _not_measured(text, small, large)
    evidence = f"A {large} takes {_times(found)} {words} of a {small} (n = {found.n})."
    why = arms.emulated(trials)
    if why and MACHINE in (small, large):
        return Claim(
            text, "not measured", f"{evidence} But it was emulated ({why}), which says nothing about one with KVM."
        )
    if not found.known:
        return Claim(text, "inconclusive", f"{evidence} No interval: {found.words}.", 1.0)
    verdicts: dict[str, Judgement] = {"worse": "holds", "better": "does not hold", "equivalent": "does not hold"}
    return Claim(text, verdicts.get(found.verdict, "inconclusive"), evidence, found.p)


def _times(found: Comparison) -> str:
    ends = f" (95 %: {found.low:.2f} to {found.high:.2f})" if found.low <= found.high else ""
    return f"{found.ratio:.2f} times{ends}"


def _not_measured(text: str, *needed: str) -> Claim:
    return Claim(text, "not measured", f"No block measured both a {' and a '.join(needed)}.")


def _image(trials: Sequence[Trial]) -> Claim:
    text = "A container's image is smaller than a virtual machine's disk."
    image, added, disk = (
        middle(trials, arm, figure)
        for arm, figure in ((CONTAINER, "disk_bytes"), (CONTAINER, "added_bytes"), (MACHINE, "disk_bytes"))
    )
    if image is None or added is None or disk is None:
        return _not_measured(text, CONTAINER, MACHINE)
    verdict: Judgement = "holds" if image < disk else "in part" if added < disk else "does not hold"
    evidence = (
        f"With the same files, the image takes {image / MIB:.0f} MiB and the disk with its kernel "
        f"{disk / MIB:.0f} MiB. But images share layers: where the base image is present, this one adds "
        f"{added / MIB:.0f} MiB."
    )
    return Claim(text, verdict, evidence)


def _separate(trials: Sequence[Trial]) -> Claim:
    text = "A container shares the host's kernel, a virtual machine has one of its own."
    inside, guest = _facts(trials, CONTAINER), _facts(trials, MACHINE)
    if not inside or not guest:
        return _not_measured(text, CONTAINER, MACHINE)
    evidence = (
        f"In the container Linux {inside['kernel']} runs, in the machine {guest['kernel']}; the id of the boot tells "
        f"that they are {'' if guest['same_kernel'] else 'not '}the same."
    )
    return Claim(text, "holds" if inside["same_kernel"] and not guest["same_kernel"] else "does not hold", evidence)


def _packages_only(trials: Sequence[Trial]) -> Claim:
    text = "A virtual environment isolates packages, a container also processes, files and the network."
    outside, inside = _facts(trials, VENV), _facts(trials, CONTAINER)
    if not outside or not inside:
        return _not_measured(text, VENV, CONTAINER)
    tried = ("sees_host_process", "writes_host_file", "reaches_host_loopback")
    open_, closed = (sum(bool(facts[name]) for name in tried) for facts in (outside, inside))
    verdict: Judgement = "holds" if (open_, closed) == (3, 0) else "in part" if closed < open_ else "does not hold"
    evidence = (
        f"Of three attempts (to see a process of the host, to write a file, to reach a port) {open_} succeeded from "
        f"the virtual environment and {closed} from the container."
    )
    return Claim(text, verdict, evidence)


def _facts(trials: Sequence[Trial], arm: str) -> dict[str, Any]:
    return dict(arms.detail(trials, arm).get("isolation", {}))
