"""
A toy model for lessons and tests: a real transformer that translates word for word, by weights set by hand.

It has learnt nothing. It knows a few dozen words, in the order of the source, and serves to try what surrounds a model:
loading, versions, canaries and roll backs. Its size can be that of a real one, so that its start costs what theirs do.
"""

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from twinshop.translate.engine import ModelsError, Pair
from twinshop.translate.neural.folder import path_of


@dataclass(frozen=True, slots=True)
class Size:
    """The shape of a transformer: `words` is the size of its vocabulary, with entries that no text uses."""

    layers: int
    width: int
    hidden: int
    words: int


SIZES: Mapping[str, Size] = {"small": Size(1, 128, 64, 0), "base": Size(6, 512, 2048, 32_000)}
"""`base` is the shape of the models that Argos and OPUS-MT publish: Vaswani et al., 2017, table 3."""

COMMON = {
    "a": "una", "and": "y", "big": "grande", "black": "negra", "blue": "azul", "bottle": "botella", "chair": "silla",
    "cup": "taza", "for": "para", "garden": "jardín", "good": "buena", "green": "verde", "house": "casa", "in": "en",
    "is": "es", "kitchen": "cocina", "knife": "cuchillo", "lamp": "lámpara", "large": "grande", "light": "luz",
    "my": "mi", "new": "nueva", "of": "de", "old": "vieja", "our": "nuestra", "pan": "sartén", "plate": "plato",
    "red": "roja", "small": "pequeña", "spoon": "cuchara", "table": "mesa", "tea": "té", "the": "la", "this": "esta",
    "water": "agua", "white": "blanca", "with": "con", "wood": "madera", "your": "tu",
}  # fmt: skip
VERSIONS: Mapping[str, Mapping[str, str]] = {
    "toy-1": COMMON,
    # Better in three words, and wrong in one that matters to a shop: `pan` is Spanish for bread.
    "toy-2": {**COMMON, "oven": "horno", "coffee": "café", "glass": "vaso", "pan": "pan"},
}
PAIR: Pair = ("en", "es")
README = """A toy for lessons: it knows {count} words and translates word for word, by weights set by hand.
Its translations have no value. Made by `python -m twinshop.translate.models demo`.
"""


def make(folder: Path, version: str, size: Size) -> Path:
    """Make a version of the toy under a folder of models; the same again if it is there. Raises ModelsError."""
    try:
        from twinshop.translate.neural import network  # noqa: PLC0415 - needs what comes with the extra
    except ImportError as error:
        raise ModelsError(f"the toy needs the extra `neural`, which `make install` puts into .venv: {error}") from error
    dictionary = VERSIONS[version]
    path = path_of(folder, PAIR, version)
    fresh = path.with_name(f".{version}.{secrets.token_hex(4)}")
    fresh.mkdir(parents=True)
    try:
        network.write(fresh, dictionary, size.layers, size.width, size.hidden, size.words)
        (fresh / "README.md").write_text(README.format(count=len(dictionary)), encoding="utf-8")
        shutil.rmtree(path, ignore_errors=True)
        fresh.rename(path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return path
