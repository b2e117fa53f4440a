"""Whether figures depend on where in a block they were measured."""

import math

import numpy as np
import pytest

from twinshop.lab.results.trial import Outcome, Spec, Trial
from twinshop.lab.statistics.order import order_effect

ARMS = ("mono", "micro", "mono again")


def trials(blocks, level, *, noise=0.02, slope=0.0, seed=3, figure="x_s"):
    """Blocks of three arms in random order; `level` gives the level of a block."""
    random = np.random.default_rng(seed)
    made = []
    for block in range(blocks):
        for place, arm in enumerate(random.permutation(ARMS)):
            value = level(block) * (5.0 if arm == "micro" else 1.0) * random.lognormal(0, noise) * (1 + slope) ** place
            spec = Spec("startup", str(arm), block, {"runtime": "docker"})
            made.append(Trial(f"t-{len(made)}", spec, len(made), "", 1.0, Outcome({figure: value})))
    return made


def test_blocks_that_differ_are_no_drift_however_they_are_ordered():
    """Each block has arrivals of its own: the committed run was said to drift by that (rho -0.91)."""
    falling = order_effect(trials(7, lambda block: 1.5 - block / 10), "x_s")

    assert falling.known
    assert not falling.suspicious
    assert abs(falling.slope) < 0.02


@pytest.mark.parametrize("slope", [0.05, -0.05])
def test_a_change_from_one_place_in_a_block_to_the_next_is_found_with_its_size(slope):
    found = order_effect(trials(7, lambda block: 1.0 + block % 2, slope=slope), "x_s")

    assert found.suspicious
    assert found.slope == pytest.approx(slope, abs=0.02)
    assert found.n == 21


def test_a_figure_that_may_be_zero_has_a_drift_too():
    made = trials(7, lambda _: 1.0, slope=0.1)
    zero = Trial("t-99", made[0].spec, 0, "", 1.0, Outcome({"x_s": 0.0}))

    assert order_effect([zero, *made[1:]], "x_s").known


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_a_few_values_tell_nothing_of_a_drift(blocks):
    found = order_effect(trials(blocks, lambda _: 1.0), "x_s")

    assert math.isnan(found.slope)
    assert not found.known
    assert not found.suspicious


def test_a_figure_that_never_varies_tells_nothing():
    made = [
        Trial("t", Spec("startup", arm, block), block, "", 1.0, Outcome({"x_s": 1.0}))
        for block in range(9)
        for arm in ARMS
    ]

    assert not order_effect(made, "x_s").known
    assert not order_effect(made, "other_s").known
