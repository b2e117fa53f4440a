"""What can be set of `twinshop run scaling`: the service level objective."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from twinshop.lab.experiments.options import Options, Positive


class ScalingOptions(Options):
    """The objective of `twinshop.lab.experiments.scaling.objective`."""

    NAME = "scaling"

    percent: Annotated[Literal[95, 99], BeforeValidator(int)] = Field(95, description="quantile of the latency")
    latency_ms: Positive = Field(200, description="upper bound of that quantile")
    error_ratio: float = Field(0.001, ge=0, lt=1, description="largest share of sessions that may fail")
