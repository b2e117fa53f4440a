"""Where a trial is run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bench:
    """
    Where a trial is run.

    Attributes:
        root: the repository.
        folder: of this trial, for whatever is to be kept (loads, logs); it exists and is empty.
        seed: of this trial, for all its randomness.
        shop_cores: the processors that the shop under test gets.
        load_cores: those of the load generator; the same where the machine has only one.
        say: a line for the person who watches.
    """

    root: Path
    folder: Path
    seed: int
    shop_cores: tuple[int, ...]
    load_cores: tuple[int, ...]
    say: Callable[[str], None]
