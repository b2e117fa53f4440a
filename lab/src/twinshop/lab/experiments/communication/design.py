"""Which splits are compared, at which rate, and how long everything takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from twinshop.lab.errors import UsageError
from twinshop.lab.experiments.api import Effort, Request
from twinshop.lab.load.mixes import MIXES
from twinshop.lab.measurement.splits import BY_NAME, CHOSEN
from twinshop.lab.results.trial import Spec
from twinshop.lab.statistics.steady import ENOUGH_SECONDS

NAME = "tax"
BASELINE = "mono"
AGAIN = "mono again"
"""The monolith once more: what differs between it and `mono` is noise (the A/A pair)."""
AUTO = "auto"
BY_EFFORT = "by effort"
OPTIONS: Mapping[str, str] = {"splits": "chosen", "rate": AUTO, "mix": "balanced", "seconds": BY_EFFORT}
"""
- splits: `chosen`, `all` (52), or names such as `translate out`, with `;` between them, beside mono and micro.
- rate: sessions a second, or `auto`: a share of what the dearest split can carry, measured before the first trial.
- mix: one of `twinshop.lab.load.mixes`.
- seconds: of each load that count; a full run has as many as the steady-state test needs.
"""
MOST_SECONDS = 600
SHARE = 0.35
"""Of the capacity of `micro`, by the utilisation law: well below the knee, and the same rate for all arms."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is measured: the splits between the two ends, the blocks, and the seconds of each part of a trial."""

    between: tuple[str, ...]
    blocks: int
    idle_seconds: float
    warm_seconds: int
    seconds: int


SETTINGS: Mapping[Effort, Settings] = {
    "smoke": Settings((), blocks=1, idle_seconds=0.5, warm_seconds=1, seconds=3),
    "quick": Settings(("translate out",), blocks=1, idle_seconds=1, warm_seconds=2, seconds=10),
    "full": Settings(CHOSEN[1:-1], blocks=3, idle_seconds=2, warm_seconds=3, seconds=ENOUGH_SECONDS),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The options as they are used; `rate` is None where it is to be found out."""

    arms: tuple[str, ...]
    rate: float | None
    mix: str
    settings: Settings


def chosen(request: Request) -> Choice:
    """Raises LabError for an option that is wrong."""
    options = request.options_of(NAME, OPTIONS)
    between: Sequence[str] = SETTINGS[request.effort].between
    if options["splits"] == "all":
        between = [name for name in BY_NAME if name not in {"mono", "micro"}]
    elif options["splits"] != "chosen":
        between = [name.strip() for name in options["splits"].split(";")]
        if wrong := [name for name in between if name not in BY_NAME]:
            raise UsageError(f"tax.splits: there is no split `{wrong[0]}`. There are: {'; '.join(BY_NAME)}.")
    if options["mix"] not in MIXES:
        raise UsageError(f"tax.mix must be one of {', '.join(MIXES)}, not `{options['mix']}`.")
    arms = dict.fromkeys([BASELINE, AGAIN, *between, "micro"])
    return Choice(tuple(arms), _rate(options["rate"]), options["mix"], _settings(request.effort, options["seconds"]))


def _settings(effort: Effort, seconds: str) -> Settings:
    settings = SETTINGS[effort]
    if seconds == BY_EFFORT:
        return settings
    if not seconds.isdecimal() or not 1 <= int(seconds) <= MOST_SECONDS:
        raise UsageError(f"tax.seconds must be a whole number from 1 to {MOST_SECONDS}, not `{seconds}`.")
    return replace(settings, seconds=int(seconds))


def _rate(text: str) -> float | None:
    if text == AUTO:
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 1000:  # noqa: PLR2004
        raise UsageError(f"tax.rate must be a number of sessions a second, up to 1000, or `auto`, not `{text}`.")
    return rate


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
    return begin + settings.idle_seconds + 2.5 + settings.warm_seconds + settings.seconds + 3
