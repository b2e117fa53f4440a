"""What can be set of `twinshop run isolation`."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from twinshop.lab.experiments.options import Names, Options, Positive


class IsolationOptions(Options):
    """The same for both arms."""

    NAME = "isolation"

    rate: Positive = Field(15, description="sessions a second")
    base: float = Field(3, ge=2, description="seconds of steady state before a fault; the last one does not count")
    fault: Positive = Field(5, description="seconds of a fault")
    after: Positive = Field(3, description="seconds of observation after it")
    patience: Positive = Field(2.5, description="seconds that a visitor waits for an answer")
    retries: int = Field(1, ge=0, le=3, description="retries of a call whose connection broke")
    faults: Names = Field(None, description="faults of docs/faults.md, separated by commas")
    targets: Names = Field(None, description="components, separated by commas")
    share: float = Field(1, gt=0, le=1, description="share of the calls that a fault in code affects")

    @classmethod
    def defaults(cls, effort: str) -> Mapping[str, Any]:
        by_effort = {"smoke": {"base": 2, "fault": 3, "after": 3}, "full": {"base": 5, "fault": 30}}
        return by_effort.get(effort, {})
