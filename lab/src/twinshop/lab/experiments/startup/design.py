"""Which starts are made."""

from collections.abc import Mapping, Sequence

from twinshop.lab.experiments.api import Effort, Request
from twinshop.lab.results.trial import Spec

ARMS = {"mono": "mono", "micro": "micro", "mono again": "mono"}
"""`mono again` is the same as `mono`: what is found between the two is noise."""
WARM_STARTS: Mapping[Effort, int] = {"smoke": 1, "quick": 1, "full": 3}
"""Starts of one environment with filled stores, after the cold one."""
BLOCKS: Mapping[Effort, int] = {"smoke": 1, "quick": 1, "full": 10}
EXPECTED_SECONDS = {("local", "mono"): 14, ("local", "micro"): 46, ("docker", "mono"): 22, ("docker", "micro"): 35}
"""With three warm starts."""


def trials(name: str, request: Request) -> Sequence[Spec]:
    """Return all trials: each is one environment, with a cold start, warm starts, and the restart of each process."""
    blocks = BLOCKS[request.effort]
    if request.repeats is not None:
        blocks = -(-request.repeats // WARM_STARTS[request.effort])
    arms = [arm for arm in ARMS if request.effort == "full" or arm != "mono again"]
    # Docker comes first: it is what a lesson wants to see, and the local runtime what is quickest
    runtimes = {"full": request.runtimes, "quick": request.runtimes[:1], "smoke": request.runtimes[-1:]}
    return [
        Spec(name, arm, at * blocks + block, {"runtime": runtime})
        for at, runtime in enumerate(runtimes[request.effort])
        for block in range(blocks)
        for arm in arms
    ]


def expected_seconds(spec: Spec, request: Request) -> float:
    """Return about how long a trial takes."""
    three = EXPECTED_SECONDS[str(spec.factors["runtime"]), ARMS[spec.arm]]
    return three * (1 + WARM_STARTS[request.effort]) / 4
