"""
Machine translation by neural models: CTranslate2 runs them, SentencePiece splits texts into the pieces that they know.

`folder` (models on disk, version beside version, and which of them are in use), `sentences` (texts in the pieces that a
model takes), `model` (one model in memory), `engine` (the same, loaded at start and shared). For the command
`twinshop.translate.models`: `fetch` (models from the internet), `compare` (two versions on a fixed set of texts) and
`demo` (a toy model, made here; `network` has its weights).
"""

import importlib.util
from pathlib import Path

from twinshop.translate.engine import ModelsError
from twinshop.translate.neural.engine import NeuralEngine

__all__ = ["NeuralEngine", "from_folder"]

EXTRA = ("ctranslate2", "sentencepiece")


def from_folder(folder: Path | None, *, seconds: float) -> NeuralEngine:
    """
    The engine on the models of a folder; nothing is loaded yet. `seconds` are for the texts of one call.

    Raises ModelsError, with what to do, if the folder or the libraries are not there.
    """
    missing = [name for name in EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise ModelsError(
            f"TRANSLATE_ENGINE=neural needs {' and '.join(missing)}: install twinshop-translate[neural], or build the "
            "image with --build-arg EXTRAS=neural"
        )
    if folder is None:
        raise ModelsError("TRANSLATE_ENGINE=neural needs TRANSLATE_MODELS, the folder of the models: see `make models`")
    return NeuralEngine(folder, seconds=seconds)
