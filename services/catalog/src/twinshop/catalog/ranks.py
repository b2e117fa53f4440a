"""
Where a product stands in an order (by price, by name), as words that the search engine finds.

Each order of the catalogue is cut into `BUCKETS` of about as many products, and each product is indexed under the word
of its bucket: `price:7f`. So "red, by price" asks for what is red in the first buckets, then in the next ones, until
the page is full; and "red, under 20 euros" leaves out all that is in later buckets. Both then cost what they show, not
what the whole catalogue holds. Products of the same price are in the same bucket.
"""

from collections.abc import Iterator, Sequence

from twinshop.catalog.analysis import LANGUAGES
from twinshop.catalog.matching import CATEGORY, Term

BUCKETS = 256
GROUP = 16
"""Buckets that also have a word together: a wide range then needs few words."""
RANKED = ("price", *(f"name_{language}" for language in LANGUAGES))
_GROUPED = ("price",)
"""Those of which wide ranges are asked for."""


def bucket_of(place: int, count: int) -> int:
    """Return the bucket of a place among so many."""
    return place * BUCKETS // count


def price_buckets(prices: Sequence[int]) -> list[int]:
    """Return the bucket of each of the prices, which ascend: that of the first place with this price."""
    found: list[int] = []
    for place, price in enumerate(prices):
        same = place > 0 and price == prices[place - 1]
        found.append(found[-1] if same else bucket_of(place, len(prices)))
    return found


def words(order: str, buckets: Sequence[int]) -> list[str]:
    """Return what each product is indexed under, by its bucket: one or two words."""
    written = [_bucket(order, bucket) for bucket in range(BUCKETS)]
    if order in _GROUPED:
        written = [f"{word} {_group(order, bucket // GROUP)}" for bucket, word in enumerate(written)]
    return [written[bucket] for bucket in buckets]


def between(order: str, first: int, end: int) -> Term:
    """Return what finds the products of the buckets from `first` up to, but not with, `end`."""
    return Term(tuple(_between(order, first, end)), CATEGORY)


def widened(first: int, end: int) -> tuple[int, int]:
    """Return the buckets to ask for: of a wide range whole groups, because every word costs for each product found."""
    if end - first <= GROUP:
        return first, end
    return first // GROUP * GROUP, -(-end // GROUP) * GROUP


def steps(count: int, first: int = 0, end: int = BUCKETS, *, down: bool = False) -> Iterator[tuple[int, int]]:
    """Yield ranges of buckets, first so many and then more and more, which together are all from `first` to `end`."""
    while first < end:
        size = min(count, end - first)
        yield (end - size, end) if down else (first, first + size)
        first, end = (first, end - size) if down else (first + size, end)
        count *= 4


def _between(order: str, first: int, end: int) -> Iterator[str]:
    while first < end:
        if order in _GROUPED and first % GROUP == 0 and first + GROUP <= end:
            yield _group(order, first // GROUP)
            first += GROUP
        else:
            yield _bucket(order, first)
            first += 1


def _bucket(order: str, bucket: int) -> str:
    return f"{order.replace('_', '-')}:{bucket:02x}"


def _group(order: str, group: int) -> str:
    return f"{order.replace('_', '-')}:{group:x}"
