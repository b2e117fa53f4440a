"""The packagings by name, and what they have in common in the records."""

from collections.abc import Sequence
from typing import Any

from twinshop.lab.results.figures import of
from twinshop.lab.results.trial import AGAIN, Trial

VENV, CONTAINER, MACHINE = "virtual environment", "container", "virtual machine"
ALL = (VENV, CONTAINER, MACHINE)
VENV_AGAIN = VENV + AGAIN


def detail(trials: Sequence[Trial], arm: str) -> dict[str, Any]:
    """Of the last one: the artefact and what the probe found are the same in all."""
    found = of(trials, arm)
    return dict(found[-1].outcome.detail) if found else {}


def emulated(trials: Sequence[Trial]) -> str | None:
    """Why the machine had no help of the processor; None if it had."""
    made = detail(trials, MACHINE).get("artefact", {}).get("detail", {})
    return str(made["accelerator_why"]) if made.get("accelerator") == "tcg" else None
