"""In which words: choosing the language, translating a page, writing amounts."""

import pytest
from starlette.requests import Request

from twinshop.contracts.errors import Unavailable, UnknownLanguage
from twinshop.contracts.translate import Translation
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
        (request("", None, "es;q=inf, fr;q=nan, ca;q=-1, de;q=0.001"), "de"),
        (request("", None, "es; q = 0.4, DE-at ;q=0.5"), "de"),
        (request("", None, "es_ES, de"), "es"),
        (request("lang=es-AR", "de"), "es"),
        (request("lang=xx", None, "fr"), "fr"),
        (request("", "fr-CA", "de"), "fr"),
        (request("", None, "zh-CN, ja;q=0.8"), "en"),
        (request(), "en"),
    ],
)
def test_the_page_speaks_what_was_asked_for_chosen_or_preferred(asked, wanted):
    assert language.wanted(asked) == wanted


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        *[(tag, "es") for tag in ("es", "ES", "es-ES", "es_ES", "es-419", "Es-latn-es", " es ", "spa", "es-u-co-trad")],
        *[("ger", "de"), ("fre-FR", "fr"), ("ca-valencia", "ca"), ("eng", "en")],
        *[(tag, None) for tag in ("", "-", "xx", "esp", "e", "español", "*", "zh-Hans", "es\u200b", "x" * 5000)],
    ],
)
def test_a_tag_is_matched_by_its_language(tag, found):
    assert language.matched(tag) == found


@pytest.mark.parametrize("tag", ["xx", "", "zh-CN", "*"])
def test_a_page_passes_an_unknown_language_over_and_a_program_is_told(tag):
    asked = request(f"lang={tag}", "de", "es")

    assert language.wanted(asked) == "de"
    with pytest.raises(UnknownLanguage) as caught:
        language.demanded(asked)
    assert caught.value.facts["languages"] == list(language.LANGUAGES)


@pytest.mark.parametrize(
    "asked", [request("lang=es_MX", "de"), request("", "es", "de"), request("", None, "spa, de;q=0.5")]
)
def test_a_program_gets_the_language_that_a_page_would_have(asked):
    assert language.demanded(asked) == language.wanted(asked) == "es"


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
    assert (words.shown, words.language_of("Cart")) == ("en", "en")


@pytest.mark.anyio
async def test_what_stays_english_is_known_text_by_text():
    words = await language.words_for(FakeTranslator(), "es", ["Cart", "Zebra"])

    assert words.shown == "es"
    assert [words.language_of(text) for text in ("Cart", "Zebra", "never asked")] == ["es", "en", "en"]


@pytest.mark.anyio
async def test_a_page_of_which_nothing_is_translated_is_english():
    assert (await language.words_for(FakeTranslator(), "es", ["Zebra"])).shown == "en"
    assert (await language.words_for(FakeTranslator(), "es", [])).shown == "es"
