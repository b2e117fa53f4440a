"""One model in memory."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twinshop.translate.engine import ModelsError
from twinshop.translate.neural import folder
from twinshop.translate.neural.sentences import Sentences

MAX_PIECES = 120
"""Of one sentence; models were not trained on longer ones, and a longer one is cut before a word."""
MAX_ANSWER = 3 * MAX_PIECES
"""Pieces of an answer: one that is longer goes round in circles, and is no translation."""
BEAM_SIZE = 4
"""As the models' authors use them: of this many ways to go on with a sentence the best is kept."""
MAX_BATCH_PIECES = 2048
_WORD = "▁"
"""How SentencePiece marks the beginning of a word."""


class Model:
    """
    A model, loaded: that takes seconds and blocks, as `translate` does.

    Raises ModelsError if the files are no model.
    """

    def __init__(self, path: Path) -> None:
        # Imported here because they are an extra, and the import belongs to the load: it is done in its thread.
        import ctranslate2  # noqa: PLC0415
        import sentencepiece  # noqa: PLC0415

        source, target = folder.tokenizers(path)
        try:
            self._source: Any = sentencepiece.SentencePieceProcessor(model_file=str(source))
            self._target: Any = sentencepiece.SentencePieceProcessor(model_file=str(target))
            self._translator: Any = ctranslate2.Translator(str(path), device="cpu")
            self._prefix = _prefix(path)
        except (RuntimeError, OSError, ValueError, TypeError) as error:
            raise ModelsError(
                f"the model {path} cannot be loaded ({error}): delete the folder and run `make models` again"
            ) from error

    def translate(self, texts: Sequence[str]) -> list[str | None]:
        """The translations in the order of the texts; None for one of which the answer has no end."""
        whole = [Sentences(text) for text in texts]
        cut = [[self._cut(part) for part in each.parts] for each in whole]
        answers = iter(self._answers([pieces for parts in cut for part in parts for pieces in part]))
        found: list[str | None] = []
        for each, parts in zip(whole, cut, strict=True):
            translated = [[next(answers) for _ in part] for part in parts]
            complete = [" ".join(chunk for chunk in part if chunk) for part in translated if None not in part]
            found.append(each.join(complete) if len(complete) == len(parts) else None)
        return found

    def _cut(self, sentence: str) -> list[list[str]]:
        """The pieces of a sentence, in as many parts as it takes."""
        pieces: list[str] = self._source.encode(sentence, out_type=str)
        parts: list[list[str]] = []
        while len(pieces) > MAX_PIECES:
            words = [at for at in range(1, MAX_PIECES + 1) if pieces[at].startswith(_WORD)]
            at = words[-1] if words else MAX_PIECES
            parts.append(pieces[:at])
            pieces = pieces[at:]
        return [*parts, pieces]

    def _answers(self, batch: list[list[str]]) -> list[str | None]:
        if not batch:
            return []
        results = self._translator.translate_batch(
            batch,
            target_prefix=[[self._prefix]] * len(batch) if self._prefix else None,
            beam_size=BEAM_SIZE,
            max_batch_size=MAX_BATCH_PIECES,
            batch_type="tokens",
            max_input_length=0,  # otherwise the rest of a long sentence would be lost without a word
            max_decoding_length=MAX_ANSWER,
            replace_unknowns=True,
        )
        return [self._decoded(result.hypotheses[0]) for result in results]

    def _decoded(self, pieces: list[str]) -> str | None:
        if len(pieces) >= MAX_ANSWER:
            return None
        if self._prefix and pieces[:1] == [self._prefix]:
            pieces = pieces[1:]
        text: str = self._target.decode(pieces)
        return text.replace(_WORD, " ").strip()


def _prefix(path: Path) -> str:
    """The piece with which a model of several languages is told the target; Argos keeps it in `metadata.json`."""
    try:
        told = json.loads((path / "metadata.json").read_bytes())
    except FileNotFoundError:
        return ""
    return str(told.get("target_prefix") or "")
