"""Which packagings are made and started, and how long that takes."""

from collections.abc import Sequence

from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.packaging import arms
from twinshop.lab.experiments.packaging.options import PackagingOptions
from twinshop.lab.results.trial import Spec

NAME = PackagingOptions.NAME
BLOCKS = {"smoke": 1, "quick": 1, "full": 10}
SECONDS = {arms.VENV: 5.0, arms.VENV_AGAIN: 5.0, arms.CONTAINER: 7.0, arms.MACHINE: 25.0}
"""Of a trial, about; of a machine that is emulated."""
PREPARE_SECONDS = 15.0


def specs(request: Request) -> Sequence[Spec]:
    """All trials. Raises UsageError: an option is wrong."""
    PackagingOptions.of(request.effort, request.options)
    blocks = range(request.repeats or BLOCKS[request.effort])
    wanted = [arms.VENV, *([arms.VENV_AGAIN] if request.effort == "full" else [])]
    wanted += [arms.CONTAINER, arms.MACHINE] if "docker" in request.runtimes else []
    return [Spec(NAME, arm, block) for block in blocks for arm in wanted]


def expected_seconds(spec: Spec) -> float:
    """About how long a trial takes; the first block makes what all of them start."""
    return SECONDS[spec.arm] + (PREPARE_SECONDS if spec.block == 0 else 0.0)
