"""Texts through the models in use, which are loaded while the process already answers."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from twinshop.contracts.errors import Unavailable
from twinshop.translate.engine import ModelsError, Pair
from twinshop.translate.neural import folder
from twinshop.translate.neural.folder import Rollout
from twinshop.translate.neural.model import Model
from twinshop.translate.pieces import batches
from twinshop.translate.turns import Turns

BATCH_CHARACTERS = 1000
"""Translated at once, up to about a second of processor time; then the next caller has a turn."""
LOOK_SECONDS = 1.0
"""How often the rollout is looked at: a roll back takes at most this time and that of loading the version."""

log = logging.getLogger(__name__)

_Loaded = Mapping[tuple[Pair, str], Model]


class NeuralEngine:
    """
    The pairs of a folder; `seconds` for the texts of one call. Raises ModelsError.

    Models block while they load and while they translate, so each does it in a thread of its own kind: one for all
    translations, since each already uses all processors, and one for loading, so that translations go on meanwhile.
    What loads is complete before it is used: all texts of a call are translated by one rollout.
    """

    def __init__(self, place: Path, *, seconds: float) -> None:
        self._folder = place
        self._seconds = seconds
        self._stamp = folder.stamp(place)
        self._rollout = folder.in_use(place)
        self._loaded: _Loaded | None = None
        self._failure: ModelsError | None = None
        self._changed = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None
        self._loading = ThreadPoolExecutor(1, "models")
        self._translating = ThreadPoolExecutor(1, "translations")
        self._turns = Turns()
        self._closed = False

    def pairs(self) -> Mapping[Pair, str]:
        return folder.names(self._rollout)

    def name(self, text: str, source: str, target: str) -> str:
        return folder.name((source, target), self._rollout[source, target].chosen(text))

    async def start(self) -> None:
        self._follower = asyncio.create_task(self._follow())

    async def ready(self) -> None:
        if self._loaded is not None:
            return
        if self._failure is not None:
            raise Unavailable(f"No translation model: {self._failure}", component="translate")
        raise Unavailable("The translation models are being loaded.", component="translate")

    async def loaded(self) -> None:
        await self._changed.wait()
        await self.ready()

    async def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        await self.ready()
        assert self._loaded is not None
        pair = (source, target)
        use, loaded = self._rollout[pair], self._loaded
        deadline = asyncio.get_running_loop().time() + self._seconds
        by_version: dict[str, list[str]] = {}
        for text in dict.fromkeys(texts):
            by_version.setdefault(use.chosen(text), []).append(text)
        found: dict[str, str | None] = {}
        with contextlib.suppress(TimeoutError):
            for version, its in by_version.items():
                for batch in batches(its, BATCH_CHARACTERS):
                    found.update(await self._batch(loaded[pair, version], batch, deadline))
        return [found.get(text) for text in texts]

    async def close(self) -> None:
        self._closed = True
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.wait([self._follower])
        for threads in (self._loading, self._translating):
            threads.shutdown(wait=False, cancel_futures=True)

    async def _batch(self, model: Model, texts: Sequence[str], deadline: float) -> Mapping[str, str | None]:
        """One turn of the thread, finished even when the caller has gone. Raises TimeoutError."""
        if self._closed:
            raise TimeoutError
        await self._turns.take(deadline)
        if self._closed:  # meanwhile
            self._turns.end()
            raise TimeoutError
        work = asyncio.get_running_loop().run_in_executor(self._translating, model.translate, texts)
        work.add_done_callback(self._finished)
        async with asyncio.timeout_at(deadline):
            try:
                return dict(zip(texts, await asyncio.shield(work), strict=True))
            except Exception:  # noqa: BLE001 - the library may raise any; `_finished` logs it
                return {}

    def _finished(self, work: "asyncio.Future[list[str | None]]") -> None:
        """Let the next one have its turn; look at the outcome, because the caller may have gone."""
        self._turns.end()
        if not work.cancelled() and (error := work.exception()) is not None:
            log.error("a model failed to translate", exc_info=error)

    async def _follow(self) -> None:
        """Load what is in use, then whatever is in use later. What cannot be loaded leaves the last that could."""
        await self._load(self._rollout)
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if (now := folder.stamp(self._folder)) == self._stamp:
                continue
            self._stamp = now
            try:
                rollout = folder.in_use(self._folder)
            except ModelsError as error:
                log.error("the rollout stays as it is: %s", error)  # noqa: TRY400 - the message says it all
            else:
                await self._load({pair: use for pair, use in rollout.items() if pair in self._rollout})

    async def _load(self, rollout: Rollout) -> None:
        here = self._loaded or {}
        wanted = [(pair, version) for pair, use in rollout.items() for version in use.versions]
        loop = asyncio.get_running_loop()
        found: dict[tuple[Pair, str], Model] = {}
        try:
            for key in wanted:
                if key in here:
                    found[key] = here[key]
                    continue
                begun = perf_counter()
                found[key] = await loop.run_in_executor(self._loading, Model, folder.path_of(self._folder, *key))
                log.info("%s is loaded after %.1f s", folder.name(*key), perf_counter() - begun)
        except ModelsError as error:
            log.error("the models are not loaded: %s", error)  # noqa: TRY400 - as above
            self._failure = error
        else:
            self._rollout, self._loaded, self._failure = rollout, found, None
        self._changed.set()
