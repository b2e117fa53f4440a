"""Faults that only containers can have, in the microservices: a component cut off the network, and a database down."""

from pathlib import Path

import pytest

from twinshop.lab.cores import divided
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.isolation.experiment import EXPERIMENT
from twinshop.lab.measurement.bench import Bench
from twinshop.lab.results.trial import Spec

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
# What a fault takes along answers with an error or in English. Patience that outlasts a stall of a busy machine keeps
# the rest from being lost to lateness.
OPTIONS = {"isolation.fault": "8", "isolation.after": "1", "isolation.rate": "8", "isolation.patience": "20"}


def test_what_a_cut_translator_and_a_dead_database_take_along(tmp_path):
    request = Request("smoke", ("docker",), None, OPTIONS)
    spec = Spec("isolation", "micro", 0, {"runtime": "docker", "faults": "translate: cut; payment: database-down"})
    outcome = EXPERIMENT.run(spec, request, Bench(ROOT, tmp_path, 5, *divided(), print))
    figures, checked, errors = outcome.figures, outcome.detail["invariants"], outcome.detail["errors"]

    assert figures["cut translate: confirmed"] == figures["database-down payment: confirmed"] == 1
    assert figures["cut translate: blast_translate_ratio"] == 1
    assert figures["cut translate: collateral_ratio"] < 0.5, errors
    assert figures["database-down payment: blast_checkout_ratio"] == 1
    assert figures["database-down payment: blast_browse_ratio"] < 0.5, errors
    assert (checked["violations"], checked["unchecked"]) == ([], {})
