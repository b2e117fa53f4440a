"""The order of a run: whole blocks at random, and the arms of each block at random, so that no arm is always first."""

import hashlib
import random
from collections.abc import Sequence

from twinshop.lab.results.trial import Spec


def seed_of(*parts: str | int) -> int:
    """A seed made from the run's own and a name, the same on every machine."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4])


def shuffled(specs: Sequence[Spec], seed: int) -> list[Spec]:
    """
    The trials of one experiment in the order in which they are to be run.

    Random interleaved trials (Abedi and Brecht, ICPE 2017): what drifts on the machine hits all arms alike.
    """
    random_ = random.Random(seed)  # noqa: S311 - must be repeatable
    blocks: dict[int, list[Spec]] = {}
    for spec in specs:
        blocks.setdefault(spec.block, []).append(spec)
    ordered = list(blocks.values())
    random_.shuffle(ordered)
    for block in ordered:
        random_.shuffle(block)
    return [spec for block in ordered for spec in block]
