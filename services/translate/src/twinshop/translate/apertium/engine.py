"""Texts through Apertium: straight, or by way of one language between."""

import asyncio
from collections.abc import Mapping, Sequence

from twinshop.translate.apertium.modes import Mode
from twinshop.translate.apertium.pipeline import NotInTime, Pipeline, PipelineFailed
from twinshop.translate.apertium.stream import Document
from twinshop.translate.engine import Pair
from twinshop.translate.pieces import batches

BATCH_CHARACTERS = 4000
"""Sent to a pipeline at once, about 60 ms of its time; then the next caller has a turn."""
PATIENCE = 0.4
"""Share of a request's time after which a pipeline that does not answer is given up: there is time for a second try."""


class ApertiumEngine:
    """The pairs of the modes, and those that two modes make together; `seconds` for the texts of one call."""

    def __init__(self, modes: Mapping[Pair, Mode], *, seconds: float, patience: float | None = None) -> None:
        self._seconds = seconds
        patience = seconds * PATIENCE if patience is None else patience
        self._pipelines = {pair: Pipeline(mode, patience=patience) for pair, mode in modes.items()}
        self._routes = _routes(modes)
        self._names = {
            pair: "apertium " + " + ".join(modes[step].name for step in route) for pair, route in self._routes.items()
        }

    def pairs(self) -> Mapping[Pair, str]:
        return self._names

    async def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        deadline = asyncio.get_running_loop().time() + self._seconds
        translated: dict[str, str | None] = {text: text for text in texts}
        for step in self._routes[source, target]:
            pipeline = self._pipelines[step]
            found = await _Crossing(pipeline, deadline).translate(
                [text for text in translated.values() if text is not None]
            )
            translated = {text: None if between is None else found.get(between) for text, between in translated.items()}
        return [translated[text] for text in texts]

    def name(self, text: str, source: str, target: str) -> str:
        del text  # all take the same way
        return self._names[source, target]

    async def start(self) -> None:
        """Nothing to load: a pipeline starts with the first text of its pair."""

    async def ready(self) -> None:
        """Always: see `start`."""

    async def loaded(self) -> None:
        """At once: see `start`."""

    async def close(self) -> None:
        for pipeline in self._pipelines.values():
            await pipeline.close()


class _Crossing:
    """Many texts through one pipeline, within the time of one request."""

    def __init__(self, pipeline: Pipeline, deadline: float) -> None:
        self._pipeline = pipeline
        self._deadline = deadline

    async def translate(self, texts: Sequence[str]) -> dict[str, str]:
        """What could be translated. A batch that fails is tried once more, each text alone: one of them may be why."""
        found: dict[str, str] = {}
        try:
            for batch in batches(dict.fromkeys(texts), BATCH_CHARACTERS):
                try:
                    found.update(await self._batch(batch))
                except PipelineFailed:
                    found.update(await self._one_by_one(batch))
        except NotInTime:
            pass
        return found

    async def _one_by_one(self, texts: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for text in texts:
            try:
                found.update(await self._batch([text]))
            except PipelineFailed:
                continue
        return found

    async def _batch(self, texts: Sequence[str]) -> dict[str, str]:
        found = await self._send([Document(text) for text in texts])
        refused = [text for text, translation in zip(texts, found, strict=True) if translation is None]
        if refused:
            again = await self._send([Document(text, in_fragments=True) for text in refused])
            in_fragments = dict(zip(refused, again, strict=True))
            found = [in_fragments.get(text, translation) for text, translation in zip(texts, found, strict=True)]
        return {text: translation for text, translation in zip(texts, found, strict=True) if translation is not None}

    async def _send(self, documents: Sequence[Document]) -> list[str | None]:
        pieces = [piece for document in documents for piece in document.pieces]
        answers = iter(await self._pipeline.exchange(pieces, self._deadline) if pieces else ())
        return [document.join([next(answers) for _ in document.pieces]) for document in documents]


def _routes(modes: Mapping[Pair, Mode]) -> dict[Pair, tuple[Pair, ...]]:
    """The way of each pair: its own mode if there is one, else the first two, by the alphabet, that meet."""
    routes: dict[Pair, tuple[Pair, ...]] = {pair: (pair,) for pair in modes}
    for source, between in sorted(modes):
        for start, target in sorted(modes):
            if start == between and target != source:
                routes.setdefault((source, target), ((source, between), (between, target)))
    return routes
