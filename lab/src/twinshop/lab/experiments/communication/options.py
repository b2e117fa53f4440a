"""What can be set of `twinshop run tax`."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from twinshop.lab.experiments.options import BY_EFFORT, Options
from twinshop.lab.load.mixes import MIXES

AUTO = "auto"
MOST_SECONDS = 600
MOST_WORK_MS = 200


def _levels(text: object) -> object:
    """Numbers separated by commas."""
    return text.split(",") if isinstance(text, str) else text


def _known(mix: str) -> str:
    if mix not in MIXES:
        raise ValueError(f"must be one of {', '.join(MIXES)}")
    return mix


class CommunicationOptions(Options):
    """The same for all arms."""

    NAME = "tax"

    splits: str = Field("chosen", description="chosen, all (52), or names such as `translate out`, separated by ;")
    rate: Annotated[
        Annotated[float, Field(gt=0, le=1000)] | None, BeforeValidator(lambda text: None if text == AUTO else text)
    ] = Field(
        None, title=AUTO, description="sessions a second; auto: a share of the capacity of the most expensive split"
    )
    work: Annotated[tuple[Annotated[float, Field(ge=0, le=MOST_WORK_MS)], ...], BeforeValidator(_levels)] = Field(
        (0.0,), title="0", description="ms of work added to each call of catalog; several, such as 0,1,5,20: a factor"
    )
    mix: Annotated[str, AfterValidator(_known)] = Field("balanced", description=f"{', '.join(MIXES)}")
    seconds: Annotated[
        Annotated[int, Field(ge=1, le=MOST_SECONDS)] | None,
        BeforeValidator(lambda text: None if text == BY_EFFORT else text),
    ] = Field(None, description="of each load that count")
