"""The memory that comes with the package agrees with itself."""

import json
import re

import pytest

from twinshop.translate.settings import MEMORY

FILES = sorted(MEMORY.glob("*/*.json"))
LANGUAGES = sorted({path.parent.name for path in FILES})
_PLACE = re.compile(r"\{\w*\}")


def texts(language):
    """Every entry of every file, so that none hides another."""
    return [
        entry
        for path in FILES
        if path.parent.name == language
        for entry in json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=list)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shipped_memory_is_consistent(language):
    entries = texts(language)
    seen = {}
    conflicts = [text for text, translation in entries if seen.setdefault(text, translation) != translation]
    empty = [text for text, translation in entries if not translation.strip() or translation != translation.strip()]
    misplaced = [text for text, to in entries if sorted(_PLACE.findall(text)) != sorted(_PLACE.findall(to))]
    everywhere = {text for other in LANGUAGES for text, _ in texts(other)}
    missing = sorted(everywhere - set(seen))
    assert (conflicts, empty, misplaced, missing) == ([], [], [], [])


_START = re.compile(r"(?:^|[.!?][\"”»)]*\s+)[\"“«„¡¿(\s]*(\w)")
"""The first letter of each sentence."""


def sentences_in_lower_case(text):
    return [text[match.start() :] for match in _START.finditer(text) if match[1].islower()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_begins_with_a_capital_and_ends_as_the_english_one(language):
    begun = [translation for _, translation in texts(language) if sentences_in_lower_case(translation)]
    ended = [to for text, to in texts(language) if text[-1] in ".!?" and to[-1] != text[-1]]

    assert (begun, ended) == ([], [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ein Stab. mit einem Heft", [". mit einem Heft"]),
        ("¿cómo?", ["¿cómo?"]),
        ("Un «Sí». «no».", [". «no»."]),
        ("{count} pieces. Übrig. 3 left.", []),
    ],
)
def test_a_small_letter_at_the_beginning_of_a_sentence_is_found(text, found):
    assert sentences_in_lower_case(text) == found


def test_french_signs_keep_their_space_on_their_line():
    assert [translation for _, translation in texts("fr") if re.search(r" [:;!?»]|« ", translation)] == []
