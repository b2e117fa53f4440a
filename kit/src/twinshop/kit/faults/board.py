"""Keep the injected faults: in memory, or in a file that several processes share."""

import fcntl
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from twinshop.kit.faults.models import Injection

FILE = "faults.json"
_LIST = TypeAdapter(tuple[Injection, ...])


class Board:
    """
    The faults of this process, and of those that share its folder if it has one.

    A process that starts after a fault was injected does not have it, unless the fault persists: a restart reverts it.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / FILE if folder else None
        self._lock = folder / f"{FILE}.lock" if folder else None
        self._opened_at = datetime.now(UTC)
        # Replaced whole and never edited: one thread injects while another keeps the time limits.
        self._seen: tuple[tuple[int, int] | None, tuple[Injection, ...]] = (None, ())

    @property
    def is_shared(self) -> bool:
        return self._file is not None

    def mine(self) -> tuple[Injection, ...]:
        """Return the faults that are active in this process, or about to be."""
        now = datetime.now(UTC)
        return tuple(
            each
            for each in self._all()
            if each.ends_at > now and (each.fault.persist or each.injected_at >= self._opened_at)
        )

    def add(self, injection: Injection) -> None:
        """Add a fault; it replaces one of the same kind in the same component."""
        fault = injection.fault
        self._change(
            lambda faults: (*(each for each in faults if not _is(each, fault.component, fault.kind)), injection)
        )

    def remove(self, component: str, kind: str | None = None) -> None:
        """Remove all faults of a component, or those of one kind; there may be none."""
        self._change(lambda faults: tuple(each for each in faults if not _is(each, component, kind)))

    def _change(self, edit: Callable[[tuple[Injection, ...]], tuple[Injection, ...]]) -> None:
        if self._file is None or self._lock is None:
            self._seen = (None, _current(edit(self._all())))
            return
        # To open for reading is enough for a lock, and may be all that is allowed: the lab may be another user.
        lock = os.open(self._lock, os.O_RDONLY | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            faults = _current(edit(self._all()))
            with tempfile.NamedTemporaryFile(dir=self._file.parent, delete=False) as file:
                file.write(_LIST.dump_json(faults))
                os.fchmod(file.fileno(), 0o644)
            Path(file.name).replace(self._file)
        finally:
            os.close(lock)

    def _all(self) -> tuple[Injection, ...]:
        version, faults = self._seen
        if self._file is None:
            return faults
        try:
            status = self._file.stat()
            current: tuple[int, int] | None = (status.st_ino, status.st_mtime_ns)
            if current != version:
                faults = _LIST.validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            # Nothing was injected yet, or a person removed the file, which reverts everything.
            current, faults = None, ()
        self._seen = (current, faults)
        return faults


def _current(faults: tuple[Injection, ...]) -> tuple[Injection, ...]:
    now = datetime.now(UTC)
    return tuple(each for each in faults if each.ends_at > now)


def _is(injection: Injection, component: str, kind: str | None) -> bool:
    return injection.fault.component == component and kind in (None, injection.fault.kind)
