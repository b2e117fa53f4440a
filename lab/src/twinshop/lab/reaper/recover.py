"""Revert each fault at its time limit and then remove the environment, when its lab was killed."""

import json
import os
import shutil
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from twinshop.lab.environments import removal
from twinshop.lab.environments.watchdog import Limit
from twinshop.lab.errors import LabError
from twinshop.lab.faults import known
from twinshop.lab.reaper.remains import restored


def see_to(folder: Path, project: str | None, stays: float, told: bytes) -> None:
    """
    Revert, wait, remove. SIGTERM starts the removal at once.

    Args:
        folder: of the environment; it is removed, and the folder above if there is nothing else in it.
        project: its compose project, if it has one.
        stays: seconds between the last revert and the removal.
        told: the last line of `Watchdog.entrust`; empty if there was none.
    """
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    name = folder.name
    try:
        if told:
            _revert(name, folder, project, told, over)
        if not over.is_set():
            _say(name, f"the shop stays for {stays:.0f} s and is then removed; at once: kill {os.getpid()}")
        over.wait(stays)
    finally:
        removal.remove(folder, project)
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()
        _say(name, "the shop is removed.")


def _revert(name: str, folder: Path, project: str | None, told: bytes, over: threading.Event) -> None:
    data = json.loads(told)
    limits = sorted((Limit(**each) for each in data["limits"]), key=lambda each: each.until)
    for limit in limits:
        left = max(0.0, limit.until - time.time())
        _say(name, f"the lab is gone; {limit.fault} of {limit.component} will be reverted in {left:.0f} s.")
    if not limits:
        return
    environment = restored(data["remains"], folder, project)
    for limit in limits:
        if over.wait(max(0.0, limit.until - time.time())):
            return
        try:
            known(limit.fault).revert(environment, limit.component)
            _say(name, f"reverted: {limit.fault} of {limit.component}.")
        except LabError as error:
            _say(name, f"{limit.fault} of {limit.component} could not be reverted: {error}")


def _say(name: str, text: str) -> None:
    with suppress(OSError):  # the terminal may be gone too
        sys.stderr.write(f"{name}: {text}\n")
        sys.stderr.flush()
