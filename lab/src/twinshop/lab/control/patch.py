"""What a patch of a component came to, in one of the shops."""

from collections.abc import Sequence
from dataclasses import dataclass

from twinshop.lab.control.visits import Visit
from twinshop.lab.environments.protocol import Environment, Patched
from twinshop.lab.environments.running_code import codes
from twinshop.lab.words import counted

DIGITS = 7
"""Of a version, as shown."""
PATIENCE_SECONDS = 10.0
"""For a version: shown once, so a machine that builds an image meanwhile may take its time."""


@dataclass(frozen=True, slots=True)
class BroughtOut:
    """
    A patch that runs.

    Attributes:
        old, new: the versions of the code that answered before and after.
        patched: what the environment did for it.
        visits: those that were due from the beginning of the build until the replacement was ready.
        now: until when they are known.
    """

    old: str
    new: str
    patched: Patched
    visits: Sequence[Visit]
    now: float

    def __str__(self) -> str:
        built, started = self.patched.build_seconds, self.patched.started
        lost = sum(visit.fate(self.now) in ("failed", "late") for visit in self.visits)
        words = (
            f"code {self.old} → {self.new}",
            "no image to build" if built is None else f"image built in {built:.1f} s",
            f"{counted(started, 'process')} replaced in {self.patched.replace_seconds:.1f} s",
            f"{lost} of {len(self.visits)} visits lost",
        )
        return ", ".join(words)


def version(environment: Environment, part: str) -> str:
    """The first digits of each version of a part that answers."""
    return (
        " and ".join(dict.fromkeys(code[:DIGITS] for code in codes(environment, part, PATIENCE_SECONDS))) or "no answer"
    )
