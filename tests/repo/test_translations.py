"""The translation memory holds every text that the shop can say, in every language of the picker."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from twinshop.storefront import messages
from twinshop.storefront.language import LANGUAGES, SOURCE
from twinshop.storefront.pages.templates import Templates

MEMORY = Path(str(files("twinshop.translate"))) / "memory"
CATALOGUE = Path(str(files("twinshop.catalog"))) / "data" / "catalogue.json"
OTHERS = [code for code in LANGUAGES if code != SOURCE]


def memory(language):
    merged = {}
    for path in (MEMORY / language).glob("*.json"):
        merged.update(json.loads(path.read_text(encoding="utf-8")))
    return merged


def catalogue_texts():
    data = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return {item[field] for item in (*data["categories"], *data["products"]) for field in ("name", "description")}


def said_by_the_shop():
    templates = Templates()
    return {text for name in templates.names() for text in templates.texts(name)} | set(messages.all_messages())


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_catalogue_is_in_the_memory(language):
    assert set() == catalogue_texts() - memory(language).keys()


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_pages_and_messages_is_in_the_memory(language):
    assert set() == said_by_the_shop() - memory(language).keys()


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_the_placeholders(language):
    def holes(text):
        return sorted(part.partition("}")[0] for part in text.split("{")[1:])

    assert {text: said for text, said in memory(language).items() if holes(text) != holes(said)} == {}


def test_the_templates_say_something():
    assert len(said_by_the_shop()) > 100


@pytest.mark.parametrize("language", OTHERS)
def test_searches_know_what_the_translator_shows(language):
    """The catalogue keeps a copy of the memory, because components share no files."""
    copy = CATALOGUE.parent / "texts" / f"{language}.json"
    assert copy.read_bytes() == (MEMORY / language / "catalogue.json").read_bytes()
