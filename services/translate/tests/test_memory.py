"""The translation memory and its search."""

import pytest

from twinshop.translate.memory import load


@pytest.fixture
def memory(memory_folder):
    return load(memory_folder)


def test_all_files_of_a_language_are_one_memory(memory):
    assert [memory.translation(text, "en", "es") for text in ("Kitchen", "Heart")] == ["Cocina", "Corazón"]


def test_it_translates_back_to_english(memory):
    assert memory.translation("Jardín", "es", "en") == "Garden"


def test_it_translates_between_other_languages_by_way_of_english(memory):
    assert memory.translation("Cocina", "es", "fr") == "Cuisine"


def test_of_two_english_texts_the_one_that_the_target_knows_is_taken(memory):
    assert memory.translation("Cesta", "es", "fr") == "Panier"


def test_what_it_does_not_hold_it_does_not_invent(memory):
    assert memory.translation("kitchen", "en", "es") is None


@pytest.mark.parametrize("source", ["en", "es", "xx"])
def test_a_language_that_it_does_not_hold_has_no_translations(memory, source):
    assert memory.translation("Kitchen", source, "xx") is None


def test_it_names_its_languages_with_english(memory):
    assert memory.languages == {"en", "es", "fr"}


@pytest.mark.parametrize("content", ["[]", '{"Kitchen": 1}', '{"Kitchen": ', b"\xff".decode("latin-1") + "{}"])
def test_a_file_that_is_no_memory_is_named(memory_folder, content):
    (memory_folder / "es" / "broken.json").write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match=r"broken\.json"):
        load(memory_folder)


def test_a_folder_without_memory_is_an_empty_memory_and_logged(tmp_path, caplog):
    assert load(tmp_path).languages == set()
    assert str(tmp_path) in caplog.text
