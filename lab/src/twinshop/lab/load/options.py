"""The options of a load, the same for `twinshop load` and for Locust with `open/locustfile.py`."""

import argparse
from collections.abc import Mapping
from typing import Any

from twinshop.lab.errors import UsageError
from twinshop.lab.load.plan import BALANCED, JOURNEYS, LoadPlan
from twinshop.lab.load.profiles import NAMES, named

RATE = 10.0


def add(parser: Any, *, profile: str, variables: bool = False) -> None:  # noqa: ANN401 - Locust's parser or argparse's
    """
    Add them to a parser.

    Args:
        parser: a parser.
        profile: the flag that chooses the profile; Locust has a `--profile` of its own.
        variables: whether each may also be given as an environment variable, `TWINSHOP_LOAD_…` (Locust's parser only).
    """

    def option(flag: str, **about: Any) -> None:  # noqa: ANN401
        name = flag.removeprefix("--").removeprefix("load-").upper().replace("-", "_")
        parser.add_argument(flag, **about, **({"env_var": f"TWINSHOP_LOAD_{name}"} if variables else {}))

    profiles = f"{', '.join(NAMES)}, or the path of a .csv file with the columns seconds and rate"
    option(profile, dest="load_profile", default="constant", help=f"{profiles}; default: constant")
    option("--rate", type=float, default=RATE, help=f"sessions a second; default: {RATE:g}")
    # Not None: Locust's page sends text, and casts it to the type of the default.
    option("--seconds", type=float, default=0.0, help="duration of the load; default (0): 60, a soak 1800")
    option("--peak", type=float, default=0.0, help="rate of a spike; default (0): four times the rate")
    mix = ",".join(f"{journey}={weight:g}" for journey, weight in BALANCED.items())
    option("--mix", default=mix, help=f"weights of the journeys; default: {mix}")
    option("--seed", type=int, default=1, help="random seed; default: 1")
    option("--think-time", type=float, default=0.0, help="mean pause in seconds within a session; default: 0")
    option("--max-in-flight", type=int, default=500, help="concurrent sessions, others are dropped; default: 500")
    option("--request-timeout", type=float, default=10.0, help="time limit of a request in seconds; default: 10")


def plan_of(url: str, options: argparse.Namespace, **more: Any) -> LoadPlan:  # noqa: ANN401 - fields of LoadPlan
    """Raises UsageError, also for a plan that cannot be run."""
    plan = LoadPlan(
        url=url,
        phases=named(options.load_profile, options.rate, options.seconds or None, options.peak or None),
        mix=read_mix(options.mix),
        seed=options.seed,
        think_seconds=options.think_time,
        max_in_flight=options.max_in_flight,
        timeout_seconds=options.request_timeout,
        **more,
    )
    if fault := plan.fault():
        raise UsageError(fault)
    return plan


def read_mix(text: str) -> Mapping[str, float]:
    """Such as `browse=40,checkout=10`, or `checkout` for one journey alone. Raises UsageError."""
    mix: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        journey, _, weight = part.partition("=")
        try:
            mix[journey.strip()] = float(weight or 1)
        except ValueError:
            raise UsageError(f"The weight of a journey is a number, not `{weight}`.") from None
    if not mix:
        raise UsageError(f"The mix is empty: choose from {', '.join(JOURNEYS)}.")
    return mix
