"""The order of a run: blocks in random order, and the arms of the blocks in balanced random order."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from twinshop.lab.results.trial import Spec

BALANCED = "balanced"
"""As `run.json` names this order; a run without the entry drew the order of each block on its own."""
Block = list[Spec]
Order = tuple[int, ...]


def seed_of(*parts: str | int) -> int:
    """A seed made from the run's own and a name, the same on every machine."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4])


def shuffled(specs: Sequence[Spec], seed: int) -> list[Spec]:
    """
    Return the trials of one experiment in the order in which they are to be run.

    Random interleaved trials (Abedi and Brecht, ICPE 2017), balanced: an order drawn for each block on its own can put
    one arm first in all of three blocks, and then what comes later in a block looks like an effect of the arm. Here,
    for every pair of arms, the number of blocks in which one precedes the other differs by at most 1 from the number
    in which it follows. This holds for any number of blocks and of arms, over all blocks that have the same arms and,
    within them, over those that have the same factors. Where a run has blocks with different arms, it also holds over
    all of them together, unless three or more such kinds of blocks contradict each other.

    Positions need more blocks than pairs do: with a whole multiple of m blocks (2 m where the number of arms m is odd)
    of the same factors, each arm is equally often at each position and directly after each other arm (Williams 1949).
    """
    random_ = random.Random(seed)  # noqa: S311 - must be repeatable
    blocks: dict[int, Block] = {}
    for spec in specs:
        blocks.setdefault(spec.block, []).append(spec)
    ordered = [block for kind in _kinds(blocks.values(), random_) for block in kind]
    random_.shuffle(ordered)
    return [spec for block in ordered for spec in block]


def ahead(blocks: Sequence[Sequence[str]]) -> Mapping[tuple[str, str], int]:
    """Return for each pair of arms in how many more blocks the first one preceded the second than followed it."""
    counted: Counter[tuple[str, str]] = Counter()
    for arms in blocks:
        for place, first in enumerate(arms):
            for second in arms[place + 1 :]:
                counted[first, second] += 1
                counted[second, first] -= 1
    return counted


def _kinds(blocks: Iterable[Block], random_: random.Random) -> Iterator[list[Block]]:
    """The blocks of each set of arms, each block in its order."""
    kinds: dict[tuple[str, ...], list[Block]] = {}
    for block in blocks:
        kinds.setdefault(tuple(sorted(spec.arm for spec in block)), []).append(sorted(block, key=lambda spec: spec.arm))
    so_far: Counter[tuple[str, str]] = Counter()
    for kind in kinds.values():
        made, left = _paired(kind, random_)
        if left is not None:
            made.append(_opposing(left, so_far, random_))
        so_far.update(ahead([[spec.arm for spec in block] for block in made]))
        yield made


def _paired(blocks: Sequence[Block], random_: random.Random) -> tuple[list[Block], Block | None]:
    """Blocks in twos, the second in the reverse order of the first: those of the same factors, then the rest."""
    strata: dict[object, list[Block]] = {}
    for block in blocks:
        strata.setdefault(frozenset(block[0].factors.items()), []).append(block)
    made: list[Block] = []
    rest: list[Block] = []
    for stratum in strata.values():
        random_.shuffle(stratum)
        if len(stratum) % 2:
            rest.append(stratum.pop())
        made += _in_orders(stratum, random_)
    left = rest.pop() if len(rest) % 2 else None
    return made + _in_orders(rest, random_), left


def _in_orders(blocks: Sequence[Block], random_: random.Random) -> list[Block]:
    orders = _pairs(len(blocks[0]), random_) if blocks else iter(())
    return [[block[at] for at in order] for block, order in zip(blocks, orders, strict=False)]


def _pairs(arms: int, random_: random.Random) -> Iterator[Order]:
    """Without end: the rows of Williams' squares, each followed or preceded by its reverse."""
    zigzag = [(place + 1) // 2 if place % 2 else -(place // 2) for place in range(arms)]  # 0, 1, -1, 2, -2, …
    rows = range(arms if arms % 2 else arms // 2)  # with an even number the other half are their reverses
    while True:
        names = random_.sample(range(arms), arms)
        for shift in random_.sample(rows, len(rows)):
            row = tuple(names[(step + shift) % arms] for step in zigzag)
            yield from random_.sample([row, row[::-1]], 2)


def _opposing(block: Block, so_far: Mapping[tuple[str, str], int], random_: random.Random) -> Block:
    """In an order that goes against what the other kinds of blocks have more often, and is random beyond that."""
    left, made = random_.sample(block, len(block)), []
    while left:
        behind = (one for one in left if all(so_far.get((one.arm, other.arm), 0) <= 0 for other in left))
        chosen = next(behind, left[0])
        left.remove(chosen)
        made.append(chosen)
    return made
