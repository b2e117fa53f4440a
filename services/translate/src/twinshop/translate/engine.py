"""What a machine translator offers the service."""

from collections.abc import Mapping, Sequence
from typing import Protocol

Pair = tuple[str, str]
"""Source and target, ISO 639-1."""


class Engine(Protocol):
    def pairs(self) -> Mapping[Pair, str]:
        """What it can translate, and the name to give for each: which machine, by which way."""
        ...

    async def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        """
        The translations in the order of the texts, for one of its pairs; None for each that it failed to translate.

        It answers within a bounded time and does not raise: a machine that fails is no reason for a page to fail.
        """
        ...

    async def close(self) -> None:
        """Leave nothing running, for good: what is asked later is not translated."""
        ...
