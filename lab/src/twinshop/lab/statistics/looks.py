"""
Intervals that are looked at several times while the data come in (repeated confidence intervals).

A run that is looked at after 3, 5, 8, … blocks and stops at the first clear interval is wrong more often than once in
twenty. If the number K of looks is fixed beforehand, each interval can have the level 1 - 0.05 / K. All K of them hold
the truth together in at least 95 % of the runs, so the last one does, however it was decided to stop (Jennison and
Turnbull, Group Sequential Methods, 2000, chapter 9). Bonferroni's division is wider than boundaries that know how looks
correlate. It needs no table, no known variance and no equal distances between looks. `twinshop simulate` checks it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_number: ContextVar[int] = ContextVar("looks", default=1)


def number() -> int:
    """How many looks the intervals that are made now allow for."""
    return _number.get()


@contextmanager
def looks(planned: int) -> Iterator[None]:
    """All t intervals and p-values made within are valid at each of so many looks."""
    before = _number.set(planned)
    try:
        yield
    finally:
        _number.reset(before)
