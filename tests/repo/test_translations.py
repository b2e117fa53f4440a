"""The interface has every text that pages say, the memory every text of the catalogue, in every language."""

import json
import runpy
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.checkers import checkers
from babel.messages.pofile import read_po

from twinshop.shoppers.languages import CART
from twinshop.storefront import messages
from twinshop.storefront.interface import LOCALE, interface
from twinshop.storefront.languages import LANGUAGES, SOURCE
from twinshop.storefront.pages import templates

MEMORY = Path(str(files("twinshop.translate"))) / "memory"
CATALOGUE = Path(str(files("twinshop.catalog"))) / "data" / "catalogue.json"
ROOT = Path(__file__).parents[2]
OTHERS = [code for code, language in LANGUAGES.items() if code != SOURCE and language.complete]


def test_every_language_is_known_wherever_it_has_to_be():
    """What a new language still lacks is told here; docs/changing.md. A partial one needs no translated catalogue."""
    assert {path.parts[-3] for path in LOCALE.glob("*/LC_MESSAGES/storefront.mo")} == set(LANGUAGES) - {SOURCE}
    assert {path.name for path in MEMORY.iterdir() if path.is_dir()} == set(OTHERS)
    assert set(CART) == {SOURCE, *OTHERS}


def memory(language):
    merged = {}
    for path in (MEMORY / language).glob("*.json"):
        merged.update(json.loads(path.read_text(encoding="utf-8")))
    return merged


def catalogue_texts():
    data = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return {item[field] for item in (*data["categories"], *data["products"]) for field in ("name", "description")}


def said_by_the_shop():
    return {text for name in templates.names() for text in templates.texts(name)} | set(messages.all_messages())


@pytest.fixture(params=OTHERS)
def source(request):
    return LOCALE / request.param / "LC_MESSAGES" / "storefront.po"


@pytest.fixture
def catalog(source):
    with source.open("rb") as file:
        return read_po(file, locale=source.parts[-3], abort_invalid=True)


def holes(text):
    return sorted(part.partition("}")[0] for part in text.split("{")[1:])


def written(catalog):
    """Each message with its translations."""
    for message in filter(lambda each: each.id, catalog):
        yield message, message.string if message.pluralizable else (message.string,)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_catalogue_is_in_the_memory(language):
    assert set() == catalogue_texts() - memory(language).keys()


def test_every_text_of_pages_and_messages_is_in_the_interface(catalog):
    known = {message.id for message, translations in written(catalog) if all(translations) and not message.fuzzy}

    assert said_by_the_shop() - known == set()


def test_translations_keep_the_placeholders(catalog):
    for message, translations in written(catalog):
        if message.pluralizable:
            singular, plural = message.id
            assert holes(translations[-1]) == holes(plural)
            assert holes(translations[0]) in (holes(singular), holes(plural))
        else:
            assert holes(translations[0]) == holes(message.id)


def test_the_catalogues_are_well_formed(catalog):
    for message, _ in written(catalog):
        for check in checkers:
            check(catalog, message)


@pytest.mark.parametrize("language", OTHERS)
def test_translations_of_the_catalogue_keep_the_placeholders(language):
    assert {text: said for text, said in memory(language).items() if holes(text) != holes(said)} == {}


def test_the_compiled_catalogues_are_up_to_date(source):
    compiled = runpy.run_path(str(ROOT / "scripts" / "messages.py"))["compiled"]

    assert source.with_suffix(".mo").read_bytes() == compiled(source), "run: uv run python scripts/messages.py"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("0 products", "1 product", "2 products")),
        ("es", ("0 productos", "1 producto", "2 productos")),
        ("fr", ("0 produit", "1 produit", "2 produits")),
    ],
)
def test_the_plural_is_that_of_the_language(language, said):
    count = interface(language).count

    assert tuple(count("1 product", "{count} products", n).format(count=n) for n in range(3)) == said


def test_the_templates_say_something():
    assert len(said_by_the_shop()) > 100


@pytest.mark.parametrize("language", OTHERS)
def test_searches_know_what_the_translator_shows(language):
    """The catalogue keeps a copy of the memory, because components share no files."""
    copy = CATALOGUE.parent / "texts" / f"{language}.json"
    assert copy.read_bytes() == (MEMORY / language / "catalogue.json").read_bytes()
