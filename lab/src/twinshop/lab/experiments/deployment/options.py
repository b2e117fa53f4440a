"""What can be set of `twinshop run deploy`."""

from typing import Annotated

from pydantic import AfterValidator, Field

from twinshop.lab.experiments.options import Names, Options, Positive
from twinshop.lab.shapes import COMPONENTS

CROSS_CUTTING = "contracts"
PATCHES = (*COMPONENTS, CROSS_CUTTING)
RECREATE, ROLLING = "recreate", "rolling"
STRATEGIES = (RECREATE, ROLLING)


def _among(*known: str) -> AfterValidator:
    def check(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if unknown := [name for name in names or () if name not in known]:
            raise ValueError(f"`{unknown[0]}` is none of {', '.join(known)}")
        return names

    return AfterValidator(check)


class DeploymentOptions(Options):
    """The same for both shapes."""

    NAME = "deploy"

    rate: Positive = Field(15, description="sessions a second: at most half of what either shape can do on one core")
    base: Positive = Field(5, description="seconds of observation before each deployment")
    after: Positive = Field(6, description="seconds of observation after it")
    patch: Annotated[Names, _among(*PATCHES)] = Field(None, description="components or contracts, separated by commas")
    strategy: Annotated[Names, _among(*STRATEGIES)] = Field(
        None, description="recreate, rolling, or both separated by a comma"
    )
