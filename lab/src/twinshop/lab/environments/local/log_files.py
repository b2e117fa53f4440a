"""Log files on the terminal: their last lines, and those to come."""

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

POLL_SECONDS = 0.3
TAIL_BYTES = 256 * 1024
"""How far back from its end a file is searched for its last lines."""


def tail(file: Path, lines: int) -> list[str]:
    """The last lines, without their line ends; none if there is no such file."""
    return _Log(file).last(lines)


def show(files: Mapping[str, Path], lines: int, going_on: Callable[[], bool] | None) -> None:
    """
    Print the last lines of each file, with the file's name before each line.

    Args:
        files: by the name to show.
        lines: of each.
        going_on: new lines are printed until this says no; without it, none are.
    """
    width = max(map(len, files))
    logs = {name: _Log(file) for name, file in files.items()}

    def put(name: str, texts: list[str]) -> None:
        sys.stdout.writelines(f"{name:{width}} | {text}\n" for text in texts)

    for name, log in logs.items():
        put(name, log.last(lines))
    sys.stdout.flush()
    while going_on is not None:
        more = going_on()  # asked first, so that what was written before the end is still printed
        for name, log in logs.items():
            put(name, log.new())
        sys.stdout.flush()
        if not more:
            return
        time.sleep(POLL_SECONDS)


class _Log:
    """A file that grows and may be replaced by an empty one (rotation)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = 0
        self._read = 0
        self._rest = b""

    def last(self, lines: int) -> list[str]:
        try:
            self._read = max(0, self._path.stat().st_size - TAIL_BYTES)
            self._inode = self._path.stat().st_ino
        except OSError:
            return []
        found = self.new()
        return found[max(0, len(found) - lines) :]

    def new(self) -> list[str]:
        """The whole lines written since the last look."""
        try:
            with self._path.open("rb") as file:
                status = self._path.stat()
                if status.st_ino != self._inode or status.st_size < self._read:
                    self._inode, self._read, self._rest = status.st_ino, 0, b""
                file.seek(self._read)
                data = file.read()
        except OSError:
            return []
        self._read += len(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [line.decode(errors="replace") for line in whole]
