"""Which processors the shop under test gets, and which its load generator."""

import os


def divided() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """
    The shop's and the generator's.

    The generator gets the last one for itself, so that it does not take time from what it measures; with a single
    processor they share it, and the report says so. On two processors a shop has one: results are those of one core.
    """
    cores = sorted(os.sched_getaffinity(0))
    return (tuple(cores[:-1]), tuple(cores[-1:])) if len(cores) > 1 else (tuple(cores), tuple(cores))
