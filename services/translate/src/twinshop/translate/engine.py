"""What a machine translator offers the service."""

from collections.abc import Mapping, Sequence
from typing import Protocol

Pair = tuple[str, str]
"""Source and target, ISO 639-1."""


class ModelsError(Exception):
    """Neural models cannot be used as they are; the message says why, and what to do."""


class Engine(Protocol):
    def pairs(self) -> Mapping[Pair, str]:
        """What it can translate, and the name to give for each: which machine, by which way."""
        ...

    def name(self, text: str, source: str, target: str) -> str:
        """
        The name of what translates this text now, for one of its pairs.

        It tells versions apart: a translation made under another name is not this engine's any more.
        """
        ...

    async def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        """
        The translations in the order of the texts, for one of its pairs; None for each that it failed to translate.

        It answers within a bounded time. A machine that fails is no reason for a page to fail, so nothing is raised
        but Unavailable, by an engine that is not ready. What `name` says when this is called is what translates.
        """
        ...

    async def start(self) -> None:
        """Begin to load what it needs, and return at once."""
        ...

    async def ready(self) -> None:
        """Raises Unavailable, with the reason, until it can translate."""
        ...

    async def loaded(self) -> None:
        """Wait until it can translate. Raises Unavailable, with the reason, if it never will."""
        ...

    async def close(self) -> None:
        """Leave nothing running, for good: what is asked later is not translated."""
        ...
