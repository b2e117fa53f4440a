"""Where a translation comes from: the memory, else a machine, else it stays the original."""

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache

from twinshop.contracts.errors import Unavailable, UnknownLanguage
from twinshop.contracts.translate import LanguagePair, Translation, TranslationRequest
from twinshop.translate.engine import Engine
from twinshop.translate.memory import ENGLISH, TranslationMemory

MAX_CACHED_TEXT = 1000
"""Characters; longer texts are translated again each time, so that the cache's memory has a bound."""


@lru_cache(maxsize=8)
def _pairs(
    languages: frozenset[str], offers: tuple[tuple[tuple[tuple[str, str], str], ...], ...]
) -> tuple[LanguagePair, ...]:
    """Of the languages of the memory, and of what each engine offers, the best engine first."""
    offered: dict[tuple[str, str], str | None] = {(a, b): None for a in languages for b in languages if a != b}
    for offer in reversed(offers):
        offered.update(offer)
    return tuple(LanguagePair(source=a, target=b, engine=name) for (a, b), name in sorted(offered.items()))


class TranslateService:
    """The port, on a memory and any number of engines, the best first."""

    def __init__(self, memory: TranslationMemory, engines: Sequence[Engine], *, cache_size: int) -> None:
        self._memory = memory
        self._engines = engines
        self._cache = _Cache(cache_size)
        pairs = {pair for engine in engines for pair in engine.pairs()}
        self._languages = {ENGLISH} | memory.languages | {language for pair in pairs for language in pair}

    async def translate_many(self, request: TranslationRequest) -> tuple[Translation, ...]:
        source, target = self._known(request.source), self._known(request.target)
        cores = {text: text.strip() for text in request.texts}
        found: dict[str, Translation] = {}
        missing: list[str] = []
        for core in dict.fromkeys(cores.values()):
            translation = self._at_hand(core, source, target)
            if translation is None:
                missing.append(core)
            else:
                found[core] = translation
        found.update(await self._by_machine(missing, source, target))
        return tuple(_with_margins(text, cores[text], found[cores[text]]) for text in request.texts)

    async def pairs(self) -> tuple[LanguagePair, ...]:
        offers = tuple(tuple(engine.pairs().items()) for engine in self._engines)
        return _pairs(frozenset(self._memory.languages), offers)

    async def start(self) -> None:
        """Let the engines load what they need, in their own time; `ready` says when they have."""
        for engine in self._engines:
            await engine.start()

    async def loaded(self) -> None:
        """Wait for the engines. Raises Unavailable if one of them cannot be had."""
        for engine in self._engines:
            await engine.loaded()

    async def ready(self) -> None:
        """Raises Unavailable when there is nothing to translate with, or an engine is still loading."""
        if len(self._languages) == 1:
            raise Unavailable("The translator has neither a memory nor an engine.", component="translate")
        for engine in self._engines:
            await engine.ready()

    async def close(self) -> None:
        for engine in self._engines:
            await engine.close()

    def _known(self, language: str) -> str:
        if language not in self._languages:
            known = sorted(self._languages)
            raise UnknownLanguage(f"The translator knows {', '.join(known)}.", languages=[*known])
        return language

    def _engine(self, source: str, target: str) -> Engine | None:
        return next((engine for engine in self._engines if (source, target) in engine.pairs()), None)

    def _at_hand(self, text: str, source: str, target: str) -> Translation | None:
        """The translation if it needs no machine."""
        if source == target or not any(char.isalpha() for char in text):
            return Translation(text=text, origin="same")
        remembered = self._memory.translation(text, source, target)
        if remembered is not None:
            return Translation(text=remembered, origin="memory")
        engine = self._engine(source, target)
        return None if engine is None else self._cache.get((engine.name(text, source, target), text, source, target))

    async def _by_machine(self, texts: Sequence[str], source: str, target: str) -> dict[str, Translation]:
        engine = self._engine(source, target)
        if not texts or engine is None:
            return {text: Translation(text=text, origin="none") for text in texts}
        names = {text: engine.name(text, source, target) for text in texts}
        found: dict[str, Translation] = {}
        for text, translated in zip(texts, await engine.translate(texts, source, target), strict=True):
            if translated is None:
                found[text] = Translation(text=text, origin="none")
            else:
                found[text] = Translation(text=translated, origin="engine", engine=names[text])
                self._cache.put((names[text], text, source, target), found[text])
        return found


def _with_margins(text: str, core: str, translation: Translation) -> Translation:
    """The translation of `core` between the white space that `text` has round it."""
    if text == core:
        return translation
    if not core:
        return Translation(text=text, origin="same")
    lead, _, trail = text.partition(core)
    return translation.model_copy(update={"text": f"{lead}{translation.text}{trail}"})


_Key = tuple[str, str, str, str]
"""What translated it, the text, source and target: after a roll back no translation of the other version is left."""


class _Cache:
    """The latest machine translations; the one unused for longest goes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[_Key, Translation] = OrderedDict()

    def get(self, key: _Key) -> Translation | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: _Key, translation: Translation) -> None:
        if len(key[1]) > MAX_CACHED_TEXT:
            return
        self._kept[key] = translation
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)
