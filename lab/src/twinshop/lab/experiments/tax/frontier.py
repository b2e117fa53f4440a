"""Cost against blast radius: which splits are worth it, and what the ones that were not measured would cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twinshop.lab.experiments.tax.blast import blast_radius
from twinshop.lab.experiments.tax.splits import Split


@dataclass(frozen=True, slots=True)
class Point:
    """
    A split.

    Attributes:
        cost: CPU time per good request, relative to the monolith's.
        blast: share of the sessions lost when a component crashes, from 0 to 1.
        measured: whether the cost was measured, or comes from the price of a call.
        low, high: 95 % interval of a measured cost.
    """

    split: Split
    cost: float
    blast: float
    measured: bool = True
    low: float = float("nan")
    high: float = float("nan")


def frontier(points: Sequence[Point]) -> list[Point]:
    """Those that no other beats: none costs less and loses less, or one of both at the same other; cheapest first."""
    best: list[Point] = []
    for point in sorted(points, key=lambda point: (point.cost, point.blast)):
        if not best or point.blast < best[-1].blast - 1e-9:
            best.append(point)
    return best


def price_of_a_call(calls: Sequence[float], extra: Sequence[float]) -> float:
    """
    CPU time that one more remote call costs, in the unit of `extra`: least squares through the origin.

    Args:
        calls: remote calls a session, of each trial of a split.
        extra: CPU time a session beyond the monolith's of the same block.

    Raises:
        ValueError: no trial made a remote call.
    """
    square = sum(each * each for each in calls)
    if square == 0:
        raise ValueError("No trial made a remote call.")
    return sum(one * other for one, other in zip(calls, extra, strict=True)) / square


def remote_calls(split: Split, calls: Mapping[str, float]) -> float:
    """How many calls of a session leave the store front's process, from the calls to each component."""
    return sum(number for component, number in calls.items() if component in split.remote)


def predicted(
    splits: Sequence[Split], calls: Mapping[str, float], share: float, mix: Mapping[str, float]
) -> list[Point]:
    """Splits as they would come out if all calls cost the same; `share` is one call's cost / the monolith's session."""
    return [
        Point(split, 1 + share * remote_calls(split, calls), blast_radius(split, mix), measured=False)
        for split in splits
    ]
