"""
The program that keeps a shop of `twinshop up` running: `python -m … FOLDER`, with the programs as JSON on its input.

It goes into the background, so that it outlives the command. What it knows of the programs is in the file `STATE` of
the folder, rewritten at every change; SIGTERM stops everything. Only `supervision` starts and asks it.
"""

import json
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from twinshop.lab.environments.local.supervisor import Supervisor, stop_all

STATE = "supervisor.json"
POLL_SECONDS = 0.2
MOST_LOG_BYTES = 5_000_000
BACKUPS = 3
"""How many older files of each log stay."""


def main() -> None:
    """Start the programs, and wait for SIGTERM."""
    folder, programs = Path(sys.argv[1]), json.load(sys.stdin)
    if os.fork():
        os._exit(0)
    os.setsid()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    supervisors = [_supervisor(program, folder) for program in programs]
    stores = [each for each, program in zip(supervisors, programs, strict=True) if program["first"]]
    for each in supervisors:
        each.order(run=True)
    told: Any = None
    while not stopped.wait(POLL_SECONDS):
        state = {each.name: each.state() for each in supervisors}
        if state != told:
            _write(folder / STATE, {"pid": os.getpid(), "programs": state})
            told = state
        for each in supervisors:
            _rotate(each.log)
    stop_all([each for each in supervisors if each not in stores])
    stop_all(stores)


def _supervisor(program: dict[str, Any], folder: Path) -> Supervisor:
    log = folder / "logs" / f"{program['name']}.log"
    return Supervisor(program["name"], program["command"], {**os.environ, **program["environment"]}, log, None)


def _write(file: Path, state: object) -> None:
    new = file.with_suffix(".new")
    new.write_text(json.dumps(state), encoding="utf-8")
    new.replace(file)


def _rotate(log: Path) -> None:
    """Copy and truncate: the programs have the file open for appending."""
    if not log.exists() or log.stat().st_size < MOST_LOG_BYTES:
        return
    for number in range(BACKUPS - 1, 0, -1):
        if (older := log.with_suffix(f".log.{number}")).exists():
            older.replace(log.with_suffix(f".log.{number + 1}"))
    shutil.copyfile(log, log.with_suffix(".log.1"))
    os.truncate(log, 0)


if __name__ == "__main__":
    main()
