"""The samples of one shape under a constant load."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.load.api import LoadPlan, start_load
from twinshop.lab.load.live import LiveReader


@dataclass(frozen=True, slots=True)
class Sample:
    """
    One look at a shop.

    Attributes:
        seconds: since the load began.
        memory_bytes: of each process of the shop.
        good, failed: sessions that have ended since the sample before.
    """

    seconds: float
    memory_bytes: Mapping[str, int]
    good: int
    failed: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def samples(environment: Environment, plan: LoadPlan, every_seconds: float, folder: Path) -> Iterator[Sample]:
    """
    Load the environment, which is ready, as planned, and look at it every so often until the end.

    Closing the iterator stops the load. Raises LoadError if it cannot be generated, or an answer is wrong.
    """
    load = start_load(plan, folder)
    live = LiveReader(folder)
    try:
        while load.running() and load.seconds() < plan.seconds:
            time.sleep(every_seconds)
            if (seconds := load.seconds()) < 0:
                continue  # it has not begun
            used, ended = environment.usage(), list(live.new())
            yield Sample(
                seconds=round(seconds, 2),
                memory_bytes={process.name: used[process.name].memory_bytes for process in environment.shape.processes},
                good=sum(line["good"] for line in ended),
                failed=sum(line["failed"] for line in ended),
            )
        load.wait()
    finally:
        load.stop()
