"""
The weights of a transformer that translates word for word.

A position is a vector with a single one, and so is a word. In the last layer of the decoder the query of position n
meets only the key of source position n, the value of which is the word there; the output turns the word into its
translation. All other parts of the network are present, and add zero. Unknown words are copied, which CTranslate2 does
by the same attention.
"""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import sentencepiece
from ctranslate2.specs import TransformerSpec
from ctranslate2.specs.common_spec import Activation

from twinshop.translate.engine import ModelsError

_HEAD = 64
"""Size of an attention head."""
_POSITIONS = _HEAD - 1
"""Words of a sentence that it can tell apart: a position must fit into a head, and one place is for the end."""
_LONGEST = 512
"""Words that it can be given; those behind the last position are lost."""
_SHARP = 30.0
"""Puts all attention on one word: the next one has e^-30 of it."""
_SURE = 40.0
"""Logit of the right word; all others have 0, and there may be tens of thousands."""
_UNKNOWN, _BEGIN, _END = _SPECIAL = ("<unk>", "<s>", "</s>")

Weights = npt.NDArray[np.float32]


def write(path: Path, dictionary: Mapping[str, str], layers: int, width: int, hidden: int, words: int) -> None:
    """
    Write the model and its tokenizers for a dictionary of single words.

    `words` is the least size of the vocabulary; entries that no text uses fill it. Raises ModelsError.
    """
    for name, its in (("source", dictionary), ("target", dictionary.values())):
        (path / f"{name}.spm").write_bytes(_tokenizer(its))
    known = sorted({*dictionary, *dictionary.values()})
    vocabulary = [*_SPECIAL, *(f"▁{word}" for word in known)]
    vocabulary += [f"<unused {number}>" for number in range(words - len(vocabulary))]
    translations = {f"▁{word}": f"▁{to}" for word, to in dictionary.items()} | {_UNKNOWN: _UNKNOWN, _END: _END}
    if _HEAD + len(translations) > width:
        raise ModelsError(f"{len(dictionary)} words do not fit into a width of {width}")
    spec = TransformerSpec.from_config(
        layers, width // _HEAD, pre_norm=True, no_final_norm=True, activation=Activation.RELU
    )
    _fill(spec, width, hidden)
    _align(spec, width, vocabulary, translations)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.add_source_eos = True
    spec.config.decoder_start_token = _BEGIN
    spec.validate()
    if words:
        spec.optimize(quantization="int8")  # as models are shipped: a quarter of the bytes
    spec.save(str(path))


def _fill(spec: Any, width: int, hidden: int) -> None:  # noqa: ANN401 - the library has no types
    """Layers that add zero, with weights in front of the zeros, so that they are as costly as those of any model."""
    random = np.random.default_rng(0)

    def noise(*shape: int) -> Weights:
        return random.normal(0, 0.02, shape).astype(np.float32)

    positions = _zeros(_LONGEST, width)
    positions[:_POSITIONS, :_POSITIONS] = np.eye(_POSITIONS)
    for stack, ones in ((spec.encoder, 2), (spec.decoder, 1)):  # the encoder sees a position and a word
        stack.scale_embeddings = False
        stack.position_encodings.encodings = positions
        for layer in stack.layer:
            _no_norm(layer.self_attention.layer_norm, width, ones)
            _set(layer.self_attention.linear[0], noise(3 * width, width))
            _set(layer.self_attention.linear[1], _zeros(width, width))
            _no_norm(layer.ffn.layer_norm, width, ones)
            _set(layer.ffn.linear_0, noise(hidden, width))
            _set(layer.ffn.linear_1, _zeros(width, hidden))
    for layer in spec.decoder.layer:
        _no_norm(layer.attention.layer_norm, width, 1)
        _set(layer.attention.linear[0], noise(width, width))
        _set(layer.attention.linear[1], noise(2 * width, width))
        _set(layer.attention.linear[2], _zeros(width, width))


def _align(spec: Any, width: int, vocabulary: list[str], translations: Mapping[str, str]) -> None:  # noqa: ANN401
    """The last attention: from each position to the word there, and from the word to its translation."""
    number = {piece: at for at, piece in enumerate(vocabulary)}
    column = {piece: _HEAD + at for at, piece in enumerate(translations)}
    embedded, logits = _zeros(len(vocabulary), width), _zeros(len(vocabulary), width)
    for piece, to in translations.items():
        embedded[number[piece], column[piece]] = 1
        logits[number[to], column[piece]] = _SURE
    (first,) = spec.encoder.embeddings
    first.weight = embedded
    spec.decoder.embeddings.weight = _zeros(len(vocabulary), width)
    spec.decoder.projection.weight, spec.decoder.projection.bias = logits, _zeros(len(vocabulary))
    # Otherwise the search would take sentences that end too early for second best.
    spec.decoder.projection.bias[number[_END]] = -_SURE / 4

    attention = spec.decoder.layer[-1].attention
    by_position = np.tile(np.eye(_HEAD, width, dtype=np.float32), (width // _HEAD, 1))  # the same in every head
    sharp = _SHARP * _HEAD**0.5  # CTranslate2 divides by the root of a head's size
    _set(attention.linear[0], by_position * np.float32(sharp))
    # Every query asks a little for the end, so that it is what is found behind the last word.
    attention.linear[0].bias[_POSITIONS::_HEAD] = sharp / 2
    keys = by_position.copy()
    keys[_POSITIONS::_HEAD, column[_END]] = 1
    _set(attention.linear[1], np.concatenate([keys, np.eye(width, dtype=np.float32)]))
    _set(attention.linear[2], np.eye(width, dtype=np.float32))


def _zeros(*shape: int) -> Weights:
    return np.zeros(shape, dtype=np.float32)


def _set(linear: Any, weight: Weights) -> None:  # noqa: ANN401
    linear.weight, linear.bias = weight, _zeros(len(weight))


def _no_norm(norm: Any, width: int, ones: int) -> None:  # noqa: ANN401
    """A layer norm that changes nothing: of so many ones and zeros otherwise, mean and deviation are known."""
    mean = ones / width
    norm.gamma = np.full(width, (mean - mean**2) ** 0.5, np.float32)
    norm.beta = np.full(width, mean, np.float32)


def _tokenizer(words: Iterable[str]) -> bytes:
    """A SentencePiece model of which each piece is a whole word."""
    known = sorted({*words})
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(known),
        model_writer=model,
        model_type="word",
        vocab_size=len(known) + len(_SPECIAL),
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()
