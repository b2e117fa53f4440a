"""In which words: choosing the language, translating a page, writing amounts."""

import pytest
from starlette.requests import Request

from twinshop.contracts.errors import Unavailable, UnknownLanguage
from twinshop.contracts.translate import Translation
from twinshop.contracts.values import Money
from twinshop.storefront import language


def request(query="", cookie=None, accepts=None):
    headers = []
    if cookie is not None:
        headers.append((b"cookie", f"twinshop_language={cookie}".encode()))
    if accepts is not None:
        headers.append((b"accept-language", accepts.encode()))
    return Request({"type": "http", "query_string": query.encode(), "headers": headers})


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (request("lang=fr", "de", "es"), "fr"),
        (request("", "de", "es"), "de"),
        (request("", "xx", "ca-ES;q=0.9, es"), "es"),
        (request("", None, "de;q=0.1, fr;q=0.9"), "fr"),
        (request("", None, "de;q=0, es;q=0.5"), "es"),
        (request("", None, "fry, cak;q=0.9, ca-ES;q=0.5"), "ca"),
        (request("", None, "es;q=much, de;q=0.1"), "de"),
        (request("", None, "zh-CN, ja;q=0.8"), "en"),
        (request(), "en"),
    ],
)
def test_the_page_speaks_what_was_asked_for_chosen_or_preferred(asked, wanted):
    assert language.wanted(asked) == wanted


def test_an_unknown_language_is_refused_with_those_there_are():
    with pytest.raises(UnknownLanguage) as caught:
        language.wanted(request("lang=xx"))

    assert caught.value.facts["languages"] == ["en", "es", "ca", "fr", "de"]


class FakeTranslator:
    """Knows two words, counts its calls, and can be down."""

    def __init__(self, *, down=False):
        self.calls = []
        self._down = down

    async def translate_many(self, request):
        self.calls.append(request)
        if self._down:
            raise Unavailable("down", component="translate")
        known = {"Cart": Translation(text="Cesta", origin="memory")}
        return tuple(known.get(text, Translation(text=text, origin="none")) for text in request.texts)


@pytest.mark.anyio
async def test_all_texts_of_a_page_are_one_call_and_each_is_asked_for_once():
    translator = FakeTranslator()

    words = await language.words_for(translator, "es", ["Cart", "Cart", "", "Zebra"])

    assert [call.texts for call in translator.calls] == [("Cart", "Zebra")]
    assert (words("Cart"), words("Zebra"), words("never asked")) == ("Cesta", "Zebra", "never asked")
    assert (words.available, words.complete) == (True, False)


@pytest.mark.anyio
async def test_english_asks_nobody():
    translator = FakeTranslator()

    words = await language.words_for(translator, "en", ["Cart"])

    assert translator.calls == []
    assert words("Cart") == "Cart"


@pytest.mark.anyio
async def test_a_translator_that_is_down_leaves_the_originals():
    words = await language.words_for(FakeTranslator(down=True), "es", ["Cart"])

    assert words("Cart") == "Cart"
    assert not words.available


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("en", "€1,234.05"),
        ("de", "1.234,05\u00a0€"),
        ("es", "1.234,05\u00a0€"),
        ("ca", "1.234,05\u00a0€"),
        ("fr", "1\u202f234,05\u00a0€"),
    ],
)
def test_amounts_are_written_as_people_do(code, written):
    assert language.money_in(code, Money(amount=123405)) == written
