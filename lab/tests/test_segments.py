"""Where the level of a series changes: the search is exact."""

from itertools import combinations

import numpy as np
import pytest

from twinshop.lab.statistics.steady import segments


def cost(data, ends, penalty):
    spans = zip([0, *ends[:-1]], ends, strict=True)
    return sum(((data[start:end] - data[start:end].mean()) ** 2).sum() + penalty for start, end in spans)


@pytest.mark.parametrize("seed", range(5))
def test_no_other_division_costs_less(seed):
    random = np.random.default_rng(seed)
    data = np.concatenate([np.zeros(8), np.ones(6)]) + random.normal(0, 0.3, 14)
    every = [
        [*inner, 14]
        for count in range(4)
        for inner in combinations(range(3, 12), count)
        if all(after - before >= 3 for before, after in zip([0, *inner], [*inner, 14], strict=True))
    ]
    best = min(every, key=lambda ends: cost(data, ends, 0.5))
    assert segments(data, 0.5, shortest=3) == best


def test_a_step_is_found_and_a_level_is_left_whole():
    assert segments(np.array([0.0] * 20 + [1.0] * 20), 0.1) == [20, 40]
    assert segments(np.zeros(40), 0.1) == [40]


def test_a_series_shorter_than_a_segment_is_one():
    assert segments(np.array([1.0, 5.0]), 0.1) == [2]
