"""
A process that removes a site if the lab is killed before it could.

Nothing hurt stays hurt then, and nothing runs on. The guard waits for the end of a pipe, which the kernel closes with
the lab, however that ends; until then it costs nothing. It imports nothing of ours before it has to.
"""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

READY, DISMISSED = b"ready\n", b"dismissed\n"
END_SECONDS = 60.0
"""How long a removal may take."""


class Guard:
    """Of the site in `folder`, and its compose project or namespace if it has one. Use as a context manager."""

    def __init__(self, folder: Path, project: str | None = None, namespace: str | None = None) -> None:
        self._names = [str(folder), project or "", namespace or ""]

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "twinshop.lab.site.guard", *self._names]
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the lab
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()  # its start must not fall into that of the site
        return self

    def dismiss(self) -> None:
        """There is nothing left to remove."""
        assert self._process.stdin is not None
        with suppress(OSError):  # it is gone: somebody has killed it
            self._process.stdin.write(DISMISSED)
            self._process.stdin.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError, subprocess.TimeoutExpired):
            self._process.communicate(timeout=END_SECONDS)


def _stand(folder: Path, project: str, namespace: str) -> None:
    sys.stdout.buffer.write(READY)
    sys.stdout.flush()
    if DISMISSED in sys.stdin.buffer.read():
        return
    from twinshop.lab.site import removal  # noqa: PLC0415 - see above

    removal.remove(folder, project or None, namespace or None)


if __name__ == "__main__":
    _stand(Path(sys.argv[1]), *sys.argv[2:])
