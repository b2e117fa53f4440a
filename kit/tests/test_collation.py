"""The order of names in each language; `tests/browser/test_layout.py` holds it against a browser's own."""

import pytest

from twinshop.kit.collation import places, places_by_language


def sorted_in(language, *names):
    place = places(names, language)
    return sorted(names, key=lambda name: place[name])


@pytest.mark.parametrize("language", ["en", "es", "ca", "fr", "de"])
def test_accents_and_case_do_not_tear_names_apart(language):
    names = ["abeto", "Ábaco", "zorro", "Élan", "eco"]

    assert sorted_in(language, *names) == ["Ábaco", "abeto", "eco", "Élan", "zorro"]


def test_an_n_with_a_tilde_is_a_letter_of_its_own_in_spanish_alone():
    names = ["ñandú", "nube", "oca", "Ñu", "nzeta", "n\u0303o"]

    assert sorted_in("es", *names) == ["nube", "nzeta", "ñandú", "n\u0303o", "Ñu", "oca"]
    assert sorted_in("fr", "ñandú", "nube", "nacre") == ["nacre", "ñandú", "nube"]


def test_words_are_compared_one_after_the_other():
    assert sorted_in("en", "teapot", "tea towel", "tea-rose", "tea") == ["tea", "tea towel", "tea-rose", "teapot"]


def test_german_umlauts_and_sharp_s_stand_by_their_letters():
    names = ["Österreich", "Oper", "Otter", "Straße", "Strasse", "Strauß"]

    assert sorted_in("de", *names) == ["Oper", "Österreich", "Otter", "Strasse", "Straße", "Strauß"]


def test_a_catalan_middle_dot_does_not_count():
    assert sorted_in("ca", "col·lecció", "colmado", "collar") == ["collar", "col·lecció", "colmado"]


def test_every_name_has_a_place_of_its_own():
    names = ["a b", "a\u0301", "á", "", "A", "a", "\U0001f600", "中文"]

    assert sorted(places(names, "en").values()) == list(range(len(names)))
    assert places([], "en") == {}


def test_all_languages_at_once_are_each_in_their_own_order():
    names = {"en": ["nu", "ño", "na"], "es": ["nu", "ño", "na"], "ca": ["col·l", "colla", "coll"], "fr": []}
    found = places_by_language(names)
    for language, of in names.items():
        alone = places(of, language)
        assert sorted(of, key=found[language].__getitem__) == sorted(of, key=alone.__getitem__)
    assert sorted(names["en"], key=found["en"].__getitem__) == ["na", "ño", "nu"]
    assert sorted(names["es"], key=found["es"].__getitem__) == ["na", "nu", "ño"]
