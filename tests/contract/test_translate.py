"""The contract of `twinshop.contracts.translate.Translator`, as far as it goes without a machine translation engine."""

import pytest

from twinshop.contracts.errors import UnknownLanguage
from twinshop.contracts.translate import Translation, TranslationRequest
from twinshop.storefront.clients import HttpTranslator
from twinshop.translate.app import build

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.fixture(scope="module")
async def translator(reach):
    async with reach(build(), HttpTranslator) as port:
        yield port


def request(*texts, source="en", target="es"):
    return TranslationRequest(texts=texts, source=source, target=target)


async def test_translations_come_in_the_order_of_the_texts(translator):
    kitchen, garden = await translator.translate_many(request("Kitchen", "Garden"))
    assert (kitchen.text, garden.text) == ("Cocina", "Jardín")


async def test_a_text_of_the_memory_says_so(translator):
    (kitchen,) = await translator.translate_many(request("Kitchen"))
    assert (kitchen.origin, kitchen.engine) == ("memory", None)


async def test_into_the_same_language_there_is_nothing_to_translate(translator):
    assert await translator.translate_many(request("Kitchen", target="en")) == (
        Translation(text="Kitchen", origin="same"),
    )


async def test_translating_twice_gives_the_same(translator):
    asked = request("Kitchen", "Garden")
    assert await translator.translate_many(asked) == await translator.translate_many(asked)


async def test_no_texts_are_no_translations(translator):
    assert await translator.translate_many(request()) == ()


async def test_the_words_of_the_interface_are_none_of_the_translator_s(translator):
    (said,) = await translator.translate_many(request("Your cart is empty."))
    assert said.origin != "memory"


async def test_english_to_spanish_is_offered(translator):
    assert ("en", "es") in {(pair.source, pair.target) for pair in await translator.pairs()}


async def test_an_unknown_target_language_is_refused(translator):
    with pytest.raises(UnknownLanguage) as refused:
        await translator.translate_many(request("Kitchen", target="xx"))
    assert type(refused.value) is UnknownLanguage
