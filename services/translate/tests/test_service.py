"""Where a translation comes from."""

import pytest

from twinshop.contracts.errors import Unavailable, UnknownLanguage
from twinshop.contracts.translate import LanguagePair, Translation, TranslationRequest
from twinshop.translate.memory import TranslationMemory
from twinshop.translate.service import MAX_CACHED_TEXT, TranslateService

pytestmark = pytest.mark.anyio

MEMORY = TranslationMemory({"es": {"Kitchen": "Cocina"}, "fr": {"Kitchen": "Cuisine"}})


class FakeEngine:
    """Translates by capitals, fails on `bad`, and notes what it was asked."""

    def __init__(self, name="fake", pairs=(("en", "es"), ("en", "ca"))):
        self.asked = []
        self.closed = False
        self._pairs = dict.fromkeys(pairs, name)

    def pairs(self):
        return self._pairs

    def name(self, text, source, target):
        return self._pairs[source, target]

    async def start(self):
        pass

    async def ready(self):
        pass

    async def loaded(self):
        pass

    async def translate(self, texts, source, target):
        self.asked.append(list(texts))
        return [None if text == "bad" else text.upper() for text in texts]

    async def close(self):
        self.closed = True


@pytest.fixture
def fake():
    return FakeEngine()


@pytest.fixture
def translator(fake):
    return TranslateService(MEMORY, [fake], cache_size=10)


def request(*texts, source="en", target="es"):
    return TranslationRequest(texts=texts, source=source, target=target)


def by_fake(text):
    return Translation(text=text, origin="engine", engine="fake")


async def test_the_memory_comes_before_the_machine(translator, fake):
    assert await translator.translate_many(request("Kitchen")) == (Translation(text="Cocina", origin="memory"),)
    assert fake.asked == []


async def test_what_the_memory_does_not_hold_the_machine_translates(translator):
    assert await translator.translate_many(request("Cellar")) == (by_fake("CELLAR"),)


async def test_a_text_that_the_machine_fails_to_translate_stays_as_it_is(translator):
    assert await translator.translate_many(request("bad")) == (Translation(text="bad", origin="none"),)


async def test_without_a_machine_for_the_pair_the_text_stays_as_it_is(translator):
    assert await translator.translate_many(request("Cellar", target="fr")) == (
        Translation(text="Cellar", origin="none"),
    )


@pytest.mark.parametrize("text", ["", "  \n", "42", "12,50 €", "—", "👍"])
async def test_a_text_without_words_needs_no_translation(translator, text):
    assert await translator.translate_many(request(text)) == (Translation(text=text, origin="same"),)


async def test_within_a_language_nothing_is_translated(translator):
    assert await translator.translate_many(request("Kitchen", target="en")) == (
        Translation(text="Kitchen", origin="same"),
    )


async def test_white_space_round_a_text_is_kept_and_looked_past(translator):
    assert [t.text for t in await translator.translate_many(request(" Kitchen\n", "\tCellar "))] == [
        " Cocina\n",
        "\tCELLAR ",
    ]


async def test_the_same_text_is_translated_once(translator, fake):
    answers = await translator.translate_many(request("a", "b", "a", " a"))
    assert [answer.text for answer in answers] == ["A", "B", "A", " A"]
    assert fake.asked == [["a", "b"]]


async def test_the_cache_answers_the_next_request(translator, fake):
    first = await translator.translate_many(request("a"))
    assert await translator.translate_many(request("a")) == first
    assert fake.asked == [["a"]]


async def test_the_cache_knows_the_languages_apart(translator, fake):
    await translator.translate_many(request("a"))
    await translator.translate_many(request("a", target="ca"))
    assert fake.asked == [["a"], ["a"]]


async def test_a_cache_of_size_0_keeps_nothing(fake):
    translator = TranslateService(MEMORY, [fake], cache_size=0)
    for _ in range(2):
        await translator.translate_many(request("a"))
    assert fake.asked == [["a"], ["a"]]


async def test_the_cache_drops_what_was_not_used_for_longest(fake):
    translator = TranslateService(MEMORY, [fake], cache_size=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        await translator.translate_many(request(text))
    assert fake.asked == [["a"], ["b"], ["c"], ["b"]]


async def test_long_texts_are_not_cached(translator, fake):
    text = "x" * (MAX_CACHED_TEXT + 1)
    for _ in range(2):
        await translator.translate_many(request(text))
    assert fake.asked == [[text], [text]]


async def test_a_failure_is_not_cached(translator, fake):
    for _ in range(2):
        await translator.translate_many(request("bad"))
    assert fake.asked == [["bad"], ["bad"]]


async def test_the_first_machine_that_has_the_pair_is_asked():
    first, second = FakeEngine("first", [("en", "ca")]), FakeEngine("second")
    translator = TranslateService(MEMORY, [first, second], cache_size=0)
    engines = [(await translator.translate_many(request("a", target=t)))[0].engine for t in ("ca", "es")]
    assert engines == ["first", "second"]


@pytest.mark.parametrize(("source", "target"), [("en", "xx"), ("xx", "en"), ("xx", "xx")])
async def test_an_unknown_language_is_refused_with_those_known(translator, source, target):
    with pytest.raises(UnknownLanguage) as refused:
        await translator.translate_many(request("a", source=source, target=target))
    assert refused.value.facts == {"languages": ["ca", "en", "es", "fr"]}


async def test_the_pairs_are_those_of_the_memory_and_of_the_machine(translator):
    assert await translator.pairs() == (
        LanguagePair(source="en", target="ca", engine="fake"),
        LanguagePair(source="en", target="es", engine="fake"),
        LanguagePair(source="en", target="fr", engine=None),
        LanguagePair(source="es", target="en", engine=None),
        LanguagePair(source="es", target="fr", engine=None),
        LanguagePair(source="fr", target="en", engine=None),
        LanguagePair(source="fr", target="es", engine=None),
    )


async def test_a_translator_that_knows_nothing_is_not_ready():
    with pytest.raises(Unavailable):
        await TranslateService(TranslationMemory({}), [], cache_size=0).ready()


async def test_a_memory_or_a_machine_is_enough_to_be_ready(fake):
    await TranslateService(MEMORY, [], cache_size=0).ready()
    await TranslateService(TranslationMemory({}), [fake], cache_size=0).ready()


async def test_it_closes_its_machines(translator, fake):
    await translator.close()
    assert fake.closed
