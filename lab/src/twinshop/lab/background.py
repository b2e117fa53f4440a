"""Work in a thread of its own for as long as a block runs."""

from abc import ABC, abstractmethod
from threading import Event, Thread
from types import TracebackType
from typing import Self


class Background(ABC):
    """Entered, it works in a thread; left, it asks the work to end and waits for that."""

    def __init__(self, name: str) -> None:
        """`name` is that of the thread."""
        self._stopped = Event()
        self._thread = Thread(target=self._work, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    @abstractmethod
    def _work(self) -> None:
        """Run until `_stopped` is set."""
