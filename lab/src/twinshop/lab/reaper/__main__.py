"""
Wait for the lab to end, then clean up: the program that `environments.watchdog` starts.

It costs nothing while it waits: its own modules are imported only when there is something to do.
"""

import sys
from pathlib import Path

from twinshop.lab.environments.watchdog import DISMISSED, READY, REMOVE


def _wait(folder: Path, project: str | None, namespace: str | None, stays: float | None) -> None:
    sys.stdout.buffer.write(READY)
    sys.stdout.flush()
    told = b""
    for line in sys.stdin.buffer:
        if line == DISMISSED:
            return
        if line == REMOVE:
            stays = None
            break
        if line.endswith(b"\n"):  # the last one may be half a line
            told = line
    if stays is not None:
        from twinshop.lab.reaper import recover  # noqa: PLC0415 - see above

        recover.see_to(folder, project, stays, told)
        return
    from twinshop.lab.environments import removal  # noqa: PLC0415 - see above

    removal.remove(folder, project, namespace)


if __name__ == "__main__":
    _, own, its_project, its_namespace, seconds = sys.argv
    _wait(Path(own), its_project or None, its_namespace or None, float(seconds) if seconds else None)
