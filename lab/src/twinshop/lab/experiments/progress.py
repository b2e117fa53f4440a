"""How far a run is: a bar with the time left on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn


def duration(seconds: float) -> str:
    """Such as `45 s`, `12 min`, `2 h 05 min`."""
    if seconds < 90:  # noqa: PLR2004
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02} min"  # noqa: PLR2004


class Watch:
    """
    Shows the trials of a run as they come.

    The time left is what the forecast says of the trials to come, times how wrong it was of those that are over.
    """

    def __init__(self, expected: Sequence[float]) -> None:
        self._expected = list(expected)
        self._done = 0
        self._took = 0.0
        self._console = Console(file=sys.stderr)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        self._bar = Progress(
            *columns,
            TextColumn("{task.fields[left]} left"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=sum(self._expected), left=duration(sum(self._expected)))

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    @property
    def left(self) -> float:
        """Seconds."""
        over = sum(self._expected[: self._done])
        factor = self._took / over if over else 1.0
        return factor * sum(self._expected[self._done :])

    @contextmanager
    def trial(self, title: str) -> Iterator[None]:
        self._bar.update(self._task, description=title, left=duration(self.left))
        number = f"{self._done + 1}/{len(self._expected)}"
        if not self._console.is_terminal:
            self.say(f"[{number}] {title} ({duration(self.left)} left)")
        since = time.monotonic()
        try:
            yield
        finally:
            self._took += time.monotonic() - since
            self._done += 1
            self._bar.update(self._task, completed=sum(self._expected[: self._done]), left=duration(self.left))

    def say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
