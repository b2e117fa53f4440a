"""Which code answers while a deployment goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from twinshop.lab.background import Background
from twinshop.lab.environments.protocol import Environment
from twinshop.lab.environments.running_code import codes

EVERY_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Sample:
    """What the replicas of some parts said at a moment by `time.monotonic`: the digests of their code, by part."""

    at: float
    codes: Mapping[str, Sequence[str]]


class VersionWatch(Background):
    """Asks `/livez` of every replica of some parts five times a second, in a thread, while it is entered."""

    def __init__(self, environment: Environment, parts: Sequence[str]) -> None:
        super().__init__("versions")
        self._environment = environment
        self._parts = parts
        self.samples: list[Sample] = []

    def now(self) -> Sample:
        return look(self._environment, self._parts)

    def _work(self) -> None:
        while not self._stopped.is_set():
            began = monotonic()
            self.samples.append(look(self._environment, self._parts))
            self._stopped.wait(max(0.0, began + EVERY_SECONDS - monotonic()))


def look(environment: Environment, parts: Sequence[str]) -> Sample:
    at = monotonic()
    return Sample(at, {part: codes(environment, part) for part in parts})


def mixed_seconds(samples: Sequence[Sample], old: Mapping[str, str], start: float, end: float) -> float:
    """
    How long code of before and of after answered side by side, between two moments.

    Args:
        samples: in order of time.
        old: the digest that each part had before; any other one is new.
        start: by `time.monotonic`, as the samples.
        end: the same.
    """
    total = 0.0
    for sample, following in zip(samples, [*(each.at for each in samples[1:]), end], strict=True):
        told = [(code == old[part]) for part, codes in sample.codes.items() for code in codes]
        if True in told and False in told:
            total += max(0.0, min(following, end) - max(sample.at, start))
    return total
