"""The order of a run, by its properties: whatever the number of blocks and arms, no arm is always first."""

from collections import Counter
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.order import ahead, shuffled
from twinshop.lab.experiments.registry import NAMES, experiment
from twinshop.lab.results.trial import Spec

ARMS = ("mono", "micro", "mono again", "a", "b", "c", "d")


def specs(arms, blocks, **factors):
    return [Spec("fake", arm, block, factors) for block in blocks for arm in ARMS[:arms]]


def by_block(order):
    """The arms of each block in their order; fails unless the trials of a block follow each other."""
    blocks = {}
    for spec in order:
        assert spec.block not in list(blocks)[:-1]
        blocks.setdefault(spec.block, []).append(spec)
    return list(blocks.values())


def arms_of(blocks):
    return [[spec.arm for spec in block] for block in blocks]


def most_ahead(blocks):
    return max(ahead(arms_of(blocks)).values(), default=0)


@given(st.integers(1, 7), st.lists(st.integers(1, 9), min_size=1, max_size=3), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_no_arm_is_ahead_of_another_in_more_than_one_block_more(arms, strata, seed):
    first = [sum(strata[:at]) for at in range(len(strata))]
    asked = [
        spec
        for at, (begin, number) in enumerate(zip(first, strata, strict=True))
        for spec in specs(arms, range(begin, begin + number), runtime=f"r{at}")
    ]
    blocks = by_block(shuffled(asked, seed))

    assert sorted(map(repr, asked)) == sorted(repr(spec) for block in blocks for spec in block)
    assert most_ahead(blocks) <= 1
    for at in range(len(strata)):
        assert most_ahead([block for block in blocks if block[0].factors["runtime"] == f"r{at}"]) <= 1


@given(st.integers(2, 7), st.integers(1, 2), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_whole_squares_have_each_arm_at_each_position_and_after_each_other_equally_often(arms, squares, seed):
    number = squares * (2 * arms if arms % 2 else arms)
    orders = arms_of(by_block(shuffled(specs(arms, range(number)), seed)))

    positions = Counter((place, arm) for order in orders for place, arm in enumerate(order))
    successors = Counter(pair for order in orders for pair in pairwise(order))
    assert set(positions.values()) == {number // arms}
    assert len(positions) == arms * arms
    assert set(successors.values()) == {number // arms}
    assert len(successors) == arms * (arms - 1)


def test_six_blocks_of_three_arms_have_all_six_orders():
    orders = arms_of(by_block(shuffled(specs(3, range(6)), 1)))

    assert sorted(orders) == sorted(map(list, permutations(ARMS[:3])))


def test_every_order_is_drawn_by_some_seed():
    drawn = Counter(tuple(arms_of(by_block(shuffled(specs(3, [0]), seed)))[0]) for seed in range(300))

    assert len(drawn) == 6
    assert min(drawn.values()) > 20


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("repeats", [None, 1, 3])
def test_the_plans_of_all_experiments_are_balanced(name, repeats):
    asked = experiment(name).plan(Request("full", ("docker", "local"), repeats))

    for seed in range(5):
        blocks = by_block(shuffled(asked, seed))
        assert most_ahead(blocks) <= 1
