"""The slope of a series, with an interval that neighbouring values do not make too short."""

import numpy as np
import pytest

from twinshop.lab.statistics.slope import slope


def test_a_straight_line_has_its_slope():
    found = slope(range(100), [3.0 + 0.5 * at for at in range(100)])

    assert found.value == pytest.approx(0.5)
    assert found.low == pytest.approx(found.high)


def test_the_interval_holds_the_slope_of_values_that_hang_together():
    """An AR(1) series with 0.9 from one value to the next: a line through all values would miss it half of the time."""
    dice, held, slopes = np.random.default_rng(1), 0, 200
    for _ in range(slopes):
        noise = np.zeros(400)
        for at in range(1, 400):
            noise[at] = 0.9 * noise[at - 1] + dice.normal()
        found = slope(range(400), [0.01 * at + noise[at] for at in range(400)])
        held += found.low <= 0.01 <= found.high

    assert held / slopes > 0.88


def test_too_few_values_have_none():
    assert slope(range(19), [1.0] * 19) is None
