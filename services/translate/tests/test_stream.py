"""Texts in Apertium's stream form, and back."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinshop.translate.apertium.stream import Document

ODD = st.sampled_from(["<b>", "</b>", "[", "]", "[1]", "[]", "{x}", "^a/b$", "\\", "@", "*", "#", "~", "+", "\0", "\n"])
WORDS = st.sampled_from(["Good", "morning", " ", ".", "\n\n", "🎉", "https://x.org/?a=1.", "a@b.org", "&amp;", "%(n)s"])
TEXTS = st.one_of(st.text(), st.lists(st.one_of(ODD, WORDS, st.text(max_size=3))).map("".join))


def plain(text):
    """The text as far as a pipeline that changes nothing keeps it."""
    return unicodedata.normalize("NFC", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


@given(TEXTS, st.booleans())
def test_a_pipeline_that_changes_nothing_changes_nothing(text, in_fragments):
    document = Document(text, in_fragments=in_fragments)
    assert plain(document.join(document.pieces)) == plain(text)


@given(TEXTS)
def test_only_words_spaces_and_plain_punctuation_go_in(text):
    for piece in Document(text).pieces:
        words = re.sub(r"\[\d*\]", "", piece)
        odd = [char for char in words if unicodedata.category(char)[0] not in "LMN" and char not in " .,;:!?¡¿'\"()-%"]
        assert odd == []


@given(TEXTS)
def test_fragments_have_no_blanks_to_lose(text):
    assert not re.search(r"\[\d+\]", "".join(Document(text, in_fragments=True).pieces))


def through(text, answer):
    document = Document(text)
    return document.join([answer] * len(document.pieces))


def test_what_is_no_word_stays_here_and_comes_back_in_its_place():
    document = Document("<b>Hello</b>, {name}")
    assert document.pieces == ["[0]Hello[1], [2].[]"]
    assert document.join(["[0]Hola[1], [2].[]"]) == "<b>Hola</b>, {name}"


def test_each_paragraph_is_a_piece():
    document = Document("One.\n\n  Two\nlines\n")
    assert document.pieces == ["One.[]", "Two[0]lines[1].[]"]


@pytest.mark.parametrize("answer", ["[1]Hola[0].[]", "Hola[1].[]", "[0]Hola.[]", "[0]Hola[1][1].[]", "[0]Hola[1].", ""])
def test_a_blank_that_moved_or_was_lost_is_noticed(answer):
    assert through("<b>Hello</b>", answer) is None


@pytest.mark.parametrize("answer", ["^word<n>$.[]", "a{b.[]", "a\\[]"])
def test_an_answer_that_is_no_text_is_refused(answer):
    assert through("Hello", answer) is None


@pytest.mark.parametrize(
    ("text", "answer", "translation"),
    [
        ("Hello", "Hola.[]", "Hola"),
        ("Hello", "Hola[]", "Hola"),
        ("Hello.", "Hola.[]", "Hola."),
        ("hello", "*hello @hola #adiós.[]", "hello hola adiós"),
        ("hello", "y\\/o.[]", "y/o"),
        ("hello", " hola  mundo .[]", "hola mundo"),
        ("a  b", "a  b.[]", "a  b"),
        ("I like it", "me gusta.[]", "Me gusta"),
        ("<i>I like it", "[0]me gusta.[]", "<i>Me gusta"),
        ("  padded ", "acolchado.[]", "  acolchado "),
        ("l\N{RIGHT SINGLE QUOTATION MARK}home", "l'home.[]", "l'home"),
    ],
)
def test_an_answer_becomes_a_text(text, answer, translation):
    assert through(text, answer) == translation
