"""Which faults are planted: in memory, or in a file that several processes share."""

import fcntl
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from twinshop.kit.faults.models import Planted

FILE = "faults.json"
_LIST = TypeAdapter(tuple[Planted, ...])


class Board:
    """
    The faults of this process, and of those that share its folder if it has one.

    A process that was started after a fault was planted does not have it, unless it persists: to start again heals.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / FILE if folder else None
        self._lock = folder / f"{FILE}.lock" if folder else None
        self._opened_at = datetime.now(UTC)
        self._all: tuple[Planted, ...] = ()
        self._version: tuple[int, int] | None = None

    @property
    def is_shared(self) -> bool:
        return self._file is not None

    def mine(self) -> tuple[Planted, ...]:
        """The faults that this process has now."""
        self._refresh()
        now = datetime.now(UTC)
        return tuple(
            each
            for each in self._all
            if each.ends_at > now and (each.fault.persist or each.planted_at >= self._opened_at)
        )

    def change(self, edit: Callable[[tuple[Planted, ...]], tuple[Planted, ...]]) -> None:
        """Replace all faults of all who share them; those whose time is up are dropped."""
        if self._file is None or self._lock is None:
            self._all = _current(edit(self._all))
            return
        with self._lock.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._refresh()
            self._all = _current(edit(self._all))
            with tempfile.NamedTemporaryFile(dir=self._file.parent, delete=False) as file:
                file.write(_LIST.dump_json(self._all))
            Path(file.name).replace(self._file)

    def _refresh(self) -> None:
        if self._file is None:
            return
        try:
            status = self._file.stat()
            version = (status.st_ino, status.st_mtime_ns)
            if version != self._version:
                self._all = _LIST.validate_json(self._file.read_bytes())
                self._version = version
        except (OSError, ValidationError):  # nothing planted yet; or a person removed it, which heals all
            self._all, self._version = (), None


def _current(faults: tuple[Planted, ...]) -> tuple[Planted, ...]:
    now = datetime.now(UTC)
    return tuple(each for each in faults if each.ends_at > now)
