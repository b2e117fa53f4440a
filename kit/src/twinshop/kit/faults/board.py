"""Keep the injected faults: in memory, or in a file that several processes share."""

import fcntl
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from twinshop.kit.faults.models import InjectedFault

FILE = "faults.json"
_LIST = TypeAdapter(tuple[InjectedFault, ...])


class Board:
    """
    The faults of this process, and of those that share its folder if it has one.

    A process that starts after a fault was injected does not have it, unless the fault persists: a restart reverts it.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / FILE if folder else None
        self._lock = folder / f"{FILE}.lock" if folder else None
        self._opened_at = datetime.now(UTC)
        self._all: tuple[InjectedFault, ...] = ()
        self._version: tuple[int, int] | None = None

    @property
    def is_shared(self) -> bool:
        return self._file is not None

    def mine(self) -> tuple[InjectedFault, ...]:
        """The faults that this process has now, or is about to have."""
        self._refresh()
        now = datetime.now(UTC)
        return tuple(
            each
            for each in self._all
            if each.ends_at > now and (each.fault.persist or each.injected_at >= self._opened_at)
        )

    def add(self, injected: InjectedFault) -> None:
        """In place of one of the same kind in the same component."""
        fault = injected.fault
        self._change(
            lambda faults: (*(each for each in faults if not _is(each, fault.component, fault.kind)), injected)
        )

    def remove(self, component: str, kind: str | None = None) -> None:
        """All of a component, or that of one kind; there may be none."""
        self._change(lambda faults: tuple(each for each in faults if not _is(each, component, kind)))

    def _change(self, edit: Callable[[tuple[InjectedFault, ...]], tuple[InjectedFault, ...]]) -> None:
        if self._file is None or self._lock is None:
            self._all = _current(edit(self._all))
            return
        # To open for reading is enough for a lock, and may be all that is allowed: the lab may be another user.
        lock = os.open(self._lock, os.O_RDONLY | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._refresh()
            self._all = _current(edit(self._all))
            with tempfile.NamedTemporaryFile(dir=self._file.parent, delete=False) as file:
                file.write(_LIST.dump_json(self._all))
                os.fchmod(file.fileno(), 0o644)
            Path(file.name).replace(self._file)
        finally:
            os.close(lock)

    def _refresh(self) -> None:
        if self._file is None:
            return
        try:
            status = self._file.stat()
            version = (status.st_ino, status.st_mtime_ns)
            if version != self._version:
                self._all = _LIST.validate_json(self._file.read_bytes())
                self._version = version
        except (OSError, ValidationError):
            # Nothing was injected yet, or a person removed the file, which reverts everything.
            self._all, self._version = (), None


def _current(faults: tuple[InjectedFault, ...]) -> tuple[InjectedFault, ...]:
    now = datetime.now(UTC)
    return tuple(each for each in faults if each.ends_at > now)


def _is(injected: InjectedFault, component: str, kind: str | None) -> bool:
    return injected.fault.component == component and kind in (None, injected.fault.kind)
