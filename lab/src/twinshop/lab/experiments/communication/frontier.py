"""Cost against blast radius: which splits are worth it, and what the ones that were not measured would cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twinshop.lab.measurement.blast_radius import blast_radius
from twinshop.lab.measurement.splits import Split


@dataclass(frozen=True, slots=True)
class Point:
    """
    A split.

    Attributes:
        cost: CPU time per good request, relative to the monolith's.
        blast: share of the sessions lost when a component crashes, from 0 to 1.
        measured: whether the cost was measured, or comes from the prices of calls and processes.
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


def prices(calls: Sequence[float], processes: Sequence[float], extra: Sequence[float]) -> tuple[float, float]:
    """
    CPU time that one more remote call costs, and one more process, in the unit of `extra`: least squares.

    Without the term for processes, their idle use would be attributed to the calls.

    Args:
        calls: remote calls a session, of each trial of a split.
        processes: beyond the monolith's one.
        extra: CPU time a session beyond the monolith's of the same block.

    Raises:
        ValueError: the two cannot be told apart.
    """
    terms = np.column_stack([calls, processes]).astype(float)
    found, _, rank, _ = np.linalg.lstsq(terms, np.asarray(extra, dtype=float), rcond=None)
    if rank < terms.shape[1]:
        raise ValueError("Calls and processes cannot be told apart: it takes splits that differ in both.")
    return float(found[0]), float(found[1])


def remote_calls(split: Split, calls: Mapping[str, float]) -> float:
    """How many calls of a session leave the storefront's process, from the calls to each component."""
    return sum(number for component, number in calls.items() if component in split.remote)


def predicted(
    splits: Sequence[Split], calls: Mapping[str, float], shares: tuple[float, float], mix: Mapping[str, float]
) -> list[Point]:
    """Splits as they would come out if all calls cost the same, and all processes: shares of the monolith's session."""
    of_call, of_process = shares
    return [
        Point(
            split,
            1 + of_call * remote_calls(split, calls) + of_process * (len(split.groups) - 1),
            blast_radius(split, mix),
            measured=False,
        )
        for split in splits
    ]
