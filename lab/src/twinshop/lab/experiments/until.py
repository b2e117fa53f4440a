"""Runs that are as long as they need to be: blocks are added until the answer is precise enough, or clear."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twinshop.lab.errors import UsageError

if TYPE_CHECKING:
    from twinshop.lab.report.section import Section

LOOKS = (3, 5, 8, 12, 20, 30)
"""Numbers of blocks after which the intervals are looked at."""
CLEAR = ("better", "worse", "equivalent")


@dataclass(frozen=True, slots=True)
class Until:
    """
    When an experiment has enough blocks.

    Attributes:
        width: of the intervals of its main effects: high / low - 1.
        looks: after how many blocks they are looked at. Each look could be the one that is wrong by chance, so their
            number is fixed beforehand and enters every interval: see `twinshop.lab.statistics.looks`.
    """

    width: float
    looks: tuple[int, ...]

    @classmethod
    def of(cls, text: str, most: int | None) -> "Until":
        """
        Read `width=0.2`; `most` blocks are made, or as many as the last look has.

        Raises:
            UsageError: it has another form.
        """
        name, equals, value = text.partition("=")
        try:
            width = float(value)
        except ValueError:
            width = 0.0
        if name != "width" or not equals or not 0 < width < 10:  # noqa: PLR2004 - wider than that says nothing
            raise UsageError(
                f"invalid --until '{text}': write width=0.2, for intervals from 1 to 1.2 times their low end"
            )
        end = most or LOOKS[-1]
        return cls(width, (*(each for each in LOOKS if each < end), end))

    def reached(self, section: "Section") -> bool:
        """Whether every main effect has an interval that is narrow enough, or a verdict."""
        effects = [each for _, each in section.effects]
        return bool(effects) and all(
            each.known and (each.verdict in CLEAR or each.high / each.low - 1 <= self.width) for each in effects
        )


def batches(looks: Sequence[int]) -> list[int]:
    """How many blocks are added before each look."""
    return [look - before for before, look in zip((0, *looks), looks, strict=False)]
