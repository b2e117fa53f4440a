"""Two versions of a model on a fixed set of texts: what a new one would change, before anybody sees it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from twinshop.translate.engine import Pair
from twinshop.translate.memory import TranslationMemory
from twinshop.translate.neural import folder
from twinshop.translate.neural.model import Model

BATCH = 32


@dataclass(frozen=True, slots=True)
class Compared:
    """
    One text under two versions.

    Attributes:
        old: None where a version has no translation; so is `new`.
        reference: what a person wrote, if the translation memory has the text.
    """

    text: str
    old: str | None
    new: str | None
    reference: str | None

    @property
    def differs(self) -> bool:
        return self.old != self.new


def compare(
    place: Path, pair: Pair, old: str, new: str, texts: Sequence[str], memory: TranslationMemory
) -> list[Compared]:
    """The texts in their order, translated by both versions. Raises ModelsError."""
    found = [_translations(folder.path_of(place, pair, version), texts) for version in (old, new)]
    return [
        Compared(text, before, after, memory.translation(text, *pair))
        for text, before, after in zip(texts, *found, strict=True)
    ]


def _translations(path: Path, texts: Sequence[str]) -> list[str | None]:
    folder.check(path)
    model = Model(path)  # one at a time: two need not fit into memory together
    return [each for at in range(0, len(texts), BATCH) for each in model.translate(texts[at : at + BATCH])]


def similarity(compared: Sequence[Compared]) -> Mapping[str, float] | None:
    """
    How alike the translations and the references are, as the mean of difflib's ratio, 0 to 1; None without references.

    It ranks two versions on the same texts; it is no measure of quality that other systems share.
    """
    known = [(each, each.reference) for each in compared if each.reference is not None]
    if not known:
        return None

    def mean(translated: Callable[[Compared], str | None]) -> float:
        ratios = [SequenceMatcher(None, translated(each) or "", to, autojunk=False).ratio() for each, to in known]
        return sum(ratios) / len(ratios)

    return {"old": mean(lambda each: each.old), "new": mean(lambda each: each.new)}


def report(compared: Sequence[Compared], old: str, new: str) -> Iterator[str]:
    """The lines of the comparison: each text that differs, then the sums."""
    width = max(len(old), len(new), len("reference"))
    for each in compared:
        if each.differs:
            yield each.text
            yield f"  {old:<{width}}  {each.old or '(none)'}"
            yield f"  {new:<{width}}  {each.new or '(none)'}"
            if each.reference is not None:
                yield f"  {'reference':<{width}}  {each.reference}"
    yield f"{sum(each.differs for each in compared)} of {len(compared)} texts differ"
    alike = similarity(compared)
    if alike is not None:
        yield f"similarity to the references: {old} {alike['old']:.3f}, {new} {alike['new']:.3f}"
