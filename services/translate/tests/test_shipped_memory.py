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
