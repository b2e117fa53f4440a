"""
The shop under test as plain child processes, pinned to one core.

Not under the process manager of `make up-*`: its polling would be in the figures.
"""

import json
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import psutil

from twinshop.lab.deployment.programs import SECRET, programs
from twinshop.lab.deployment.shape import Shape

PLENTY = 10**6
STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    process: psutil.Process


@dataclass(frozen=True, slots=True)
class Shop:
    """A running shop; `children` without the Redis, which both shapes have alike."""

    url: str
    children: tuple[Child, ...]

    def cpu_seconds(self) -> float:
        """CPU time of all its processes so far, user and system."""
        total = 0.0
        for process in self._everything():
            times = process.cpu_times()
            total += times.user + times.system
        return total

    def memory(self) -> dict[str, int]:
        """
        Bytes of each process, as PSS.

        The proportional set size counts a page that n processes share as 1/n: it adds up, which RSS does not.
        """
        return {
            child.name: sum(each.memory_full_info().pss for each in [child.process, *child.process.children()])
            for child in self.children
        }

    def _everything(self) -> Iterator[psutil.Process]:
        for child in self.children:
            yield child.process
            yield from child.process.children(recursive=True)


def stocked(folder: Path) -> Path:
    """The catalogue with stock that no run can sell out."""
    data = json.loads(Path(str(files("twinshop.catalog") / "data" / "catalogue.json")).read_text(encoding="utf-8"))
    for product in data["products"]:
        product["stock"] = PLENTY
    path = folder / "catalogue.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@contextmanager
def running(shape: Shape, folder: Path, core: int | None) -> Iterator[Shop]:
    """The shape with its data in `folder`, all of it on one core if one is given; returns before it is ready."""
    secret = secrets.token_hex(16)
    (folder / "redis").mkdir(parents=True, exist_ok=True)
    (folder / "logs").mkdir(exist_ok=True)
    common = {**os.environ, "CATALOG_DATA": str(stocked(folder)), "TWINSHOP_LOG_LEVEL": "INFO"}

    def pin() -> None:
        if core is not None:
            os.sched_setaffinity(0, {core})

    started: list[tuple[str, subprocess.Popen[bytes]]] = []
    try:
        for program in programs(shape, folder):
            own = {name: value.replace(f"%(ENV_{SECRET})s", secret) for name, value in program.environment.items()}
            log = (folder / "logs" / f"{program.name}.log").open("ab")
            process = subprocess.Popen(  # noqa: S603
                program.command,
                env={**common, **own},
                stdout=log,
                stderr=log,
                preexec_fn=pin,  # noqa: PLW1509
            )
            log.close()
            started.append((program.name, process))
        children = tuple(Child(name, psutil.Process(each.pid)) for name, each in started if name != "redis")
        yield Shop(f"http://127.0.0.1:{shape.port}", children)
    finally:
        _stop([process for _, process in reversed(started)])


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
