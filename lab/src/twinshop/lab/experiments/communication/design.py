"""Which splits are compared, at which rate, and how long everything takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from twinshop.lab.errors import UsageError
from twinshop.lab.experiments.api import Effort, Request
from twinshop.lab.experiments.communication.options import CommunicationOptions
from twinshop.lab.measurement.splits import BY_NAME, CHOSEN
from twinshop.lab.results.trial import Spec
from twinshop.lab.statistics.steady import ENOUGH_SECONDS

NAME = CommunicationOptions.NAME
BASELINE = "mono"
AGAIN = "mono again"
"""The monolith once more: what differs between it and `mono` is noise (the A/A pair)."""
OVERHEAD_SECONDS = 3.0
"""Of a load, besides its seconds."""
SHARE = 0.35
"""Of the capacity of `micro`, by the utilisation law: well below the knee, and the same rate for all arms."""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    How much is measured: the splits between the two ends, the blocks, and the seconds of each part of a trial.

    `lower`: further rates, as shares of the one at which all arms are compared, each for `lower_seconds`.
    """

    between: tuple[str, ...]
    blocks: int
    idle_seconds: float
    warm_seconds: int
    seconds: int
    lower: tuple[float, ...] = ()
    lower_seconds: int = 0


SETTINGS: Mapping[Effort, Settings] = {
    "smoke": Settings((), blocks=1, idle_seconds=0.5, warm_seconds=1, seconds=3, lower=(0.5,), lower_seconds=2),
    "quick": Settings(("translate out",), blocks=1, idle_seconds=1, warm_seconds=2, seconds=10),
    "full": Settings(
        CHOSEN[1:-1],
        blocks=3,
        idle_seconds=2,
        warm_seconds=3,
        seconds=ENOUGH_SECONDS,
        lower=(0.3, 0.65),
        lower_seconds=20,
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The options as they are used; `rate` is None where it is to be found out."""

    arms: tuple[str, ...]
    rate: float | None
    mix: str
    settings: Settings


def chosen(request: Request) -> Choice:
    """Raises UsageError: an option is wrong."""
    options = CommunicationOptions.of(request.effort, request.options)
    settings = SETTINGS[request.effort]
    between: Sequence[str] = settings.between
    if options.splits == "all":
        between = [name for name in BY_NAME if name not in {"mono", "micro"}]
    elif options.splits != "chosen":
        between = [name.strip() for name in options.splits.split(";")]
        if wrong := [name for name in between if name not in BY_NAME]:
            raise UsageError(f"invalid tax.splits: unknown split '{wrong[0]}'. Choose from: {'; '.join(BY_NAME)}.")
    arms = dict.fromkeys([BASELINE, AGAIN, *between, "micro"])
    return Choice(
        tuple(arms), options.rate, options.mix, replace(settings, seconds=options.seconds or settings.seconds)
    )


def specs(request: Request) -> list[Spec]:
    """All trials; a block holds all arms."""
    choice = chosen(request)
    factors: dict[str, str | float] = {"runtime": request.runtimes[0], "mix": choice.mix}
    if choice.rate is not None:
        factors["rate"] = choice.rate
    blocks = request.repeats or SETTINGS[request.effort].blocks
    return [Spec(NAME, arm, block, factors) for block in range(blocks) for arm in choice.arms]


def expected_seconds(spec: Spec, settings: Settings) -> float:
    """Of a trial; the first one of a run takes that for the calibration on top."""
    processes = len(BY_NAME[BASELINE if spec.arm == AGAIN else spec.arm].groups)
    begin = 3.5 + 0.7 * processes + (3 if spec.factors["runtime"] == "docker" else 0)
    lower = len(settings.lower) * (OVERHEAD_SECONDS + settings.warm_seconds + settings.lower_seconds)
    return begin + settings.idle_seconds + 2.5 + settings.warm_seconds + settings.seconds + 3 + lower
