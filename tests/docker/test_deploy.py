"""A good patch, a bad one and the way back, under load: a component rolled out, and the monolith recreated."""

from pathlib import Path

import pytest

from twinshop.lab.cores import divided
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.deployment.experiment import EXPERIMENT
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.results.trial import Spec

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
OPTIONS = {"deploy.base": "3", "deploy.after": "3", "deploy.rate": "6"}


@pytest.fixture
def deployed(tmp_path):
    """The outcome of one trial; void is only what a busy machine explains."""

    def run(arm, patch, strategy):
        spec = Spec("deploy", arm, 0, {"runtime": "docker", "patch": patch, "strategy": strategy})
        request = Request("smoke", ("docker",), None, OPTIONS)
        outcome = EXPERIMENT.run(spec, request, Bench(ROOT, tmp_path, 5, *divided(), print))
        assert "code" not in (outcome.void or "")
        checked = outcome.detail["invariants"]
        assert (checked["violations"], list(checked["unchecked"])) == ([], ["I6"])  # no carts are watched
        return outcome.figures

    return run


def test_a_component_is_rolled_out_beside_the_old_one_and_a_bad_one_replaces_nothing(deployed):
    figures = deployed("micro", "catalog", "rolling")

    assert figures["processes"] == 2
    assert figures["mixed_s"] > 0
    assert 0 < figures["new_bytes"] < 5e6
    assert figures["build_s"] > 0
    assert figures["notice_s"] > 0
    assert figures["bad_failed_sessions"] < figures["bad_sessions"] / 2


def test_the_whole_monolith_is_recreated_for_one_line_and_a_bad_one_closes_the_shop(deployed):
    figures = deployed("mono", "catalog", "recreate")

    assert figures["processes"] == 1
    assert figures["mixed_s"] == 0
    assert figures["notice_s"] > 0
    assert figures["rollback_s"] > 0
    assert figures["bad_failed_sessions"] > 0
