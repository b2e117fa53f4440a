"""What happened on an environment in one trial, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

from twinshop.lab.measurement.versions import Sample


@dataclass(frozen=True, slots=True)
class Timestamps:
    """
    Moments, in seconds of the load.

    Attributes:
        base: the shop is watched from then on.
        begun, done: the deployment of the good patch.
        bad_begun: of the bad one.
        noticed: that it does not come up; None if it did.
        returning, back: the rollback to the good one.
        end: nothing is watched any more.
    """

    base: float
    begun: float
    done: float
    bad_begun: float
    noticed: float | None
    returning: float
    back: float
    end: float

    @property
    def base_seconds(self) -> range:
        return range(ceil(self.base), floor(self.begun) - 1)

    @property
    def good_seconds(self) -> range:
        """From a second before, for the sessions under way, until the bad patch comes."""
        return range(floor(self.begun) - 1, floor(self.bad_begun) - 1)

    @property
    def bad_seconds(self) -> range:
        return range(floor(self.bad_begun) - 1, floor(self.end))


@dataclass(frozen=True, slots=True)
class Course:
    """
    One trial on an environment.

    Attributes:
        marks: when.
        zero: the beginning of the load by `time.monotonic`, as in the samples.
        started: replicas that the good patch started.
        samples: which code answered.
        old: the code of each part before.
        all_new: whether every replica answered with other code after the good patch.
        all_back: whether they all did so again after the rollback from the bad one.
    """

    marks: Timestamps
    zero: float
    started: int
    samples: Sequence[Sample]
    old: Mapping[str, str]
    all_new: bool
    all_back: bool
