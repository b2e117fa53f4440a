"""Texts in pieces: split at a pattern, and gathered into batches."""

import re
from collections.abc import Iterable, Iterator


def split(pattern: re.Pattern[str], text: str) -> Iterator[tuple[bool, str]]:
    """The matches (True) and what lies before, between and after them, which may be empty; together, the text."""
    position = 0
    for match in pattern.finditer(text):
        yield False, text[position : match.start()]
        yield True, match[0]
        position = match.end()
    yield False, text[position:]


def batches(texts: Iterable[str], characters: int) -> Iterator[list[str]]:
    """The texts in their order, in batches of at most so many characters; a longer text is a batch of its own."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and size + len(text) > characters:
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch
