"""The real Apertium, where it is installed."""

import os
import signal

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twinshop.translate.apertium import ApertiumEngine

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

SENTINEL = ("The house is red.", "La casa es roja.")
PIECES = [
    *(
        "[",
        "]",
        "[]",
        "[1]",
        "{",
        "}",
        "^",
        "$",
        "^a/b$",
        "/",
        "\\",
        "@",
        "<",
        ">",
        "*x",
        "#y",
        "~",
        "+",
        "_",
        "|",
        "\0",
    ),
    *(
        "<b>",
        "</b>",
        "&amp;",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "🎉",
        "👍🏽",
        "é",
        "e\u0301",
        "\uffff",
        "\ufeff",
        "\u200d",
        "ß",
        "日本",
    ),
    *(
        "Good",
        "morning",
        "the house",
        " ",
        "  ",
        ".",
        "...",
        "!",
        "'",
        '"',
        "1",
        "50%",
        "https://x.org/?a=[1]",
        "{name}",
    ),
]
TEXTS = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


@pytest.fixture(scope="module")
async def apertium(installed_modes):
    engine = ApertiumEngine(installed_modes, seconds=120)
    yield engine
    await engine.close()


@pytest.fixture
def translate(apertium):
    async def to_spanish(*texts):
        return await apertium.translate(texts, "en", "es")

    return to_spanish


@pytest.fixture
def pids(apertium):
    return lambda: apertium._pipelines["en", "es"].pids


@pytest.mark.integration
async def test_it_translates(translate):
    assert await translate(SENTINEL[0]) == [SENTINEL[1]]


async def test_the_same_processes_translate_every_text(translate, pids):
    await translate(SENTINEL[0])
    first = pids()
    for number in range(20):
        await translate(f"The house has {number} doors.")
    assert first
    assert pids() == first


@pytest.mark.integration
async def test_killing_a_process_in_the_middle_costs_no_translation(translate, pids):
    await translate(SENTINEL[0])
    first = pids()
    os.kill(first[len(first) // 2], signal.SIGKILL)
    assert await translate(SENTINEL[0]) == [SENTINEL[1]]
    assert set(first).isdisjoint(pids())


async def test_unknown_words_are_not_marked(translate):
    (translation,) = await translate("The frobnicator is red.")
    assert translation == "El frobnicator es rojo."


async def test_markup_line_ends_and_places_for_values_are_kept(translate):
    (translation,) = await translate("<p class='x'>Hello</p>, {name}!\r\n\r\nThe house\tis <b>red</b>. 🎉")
    kept = ["<p class='x'>", "</p>", "{name}", "\r\n\r\n", "\t", "<b>", "</b>", "🎉"]
    positions = [translation.find(part) for part in kept]
    assert -1 not in positions
    assert positions == sorted(positions)


@pytest.mark.integration
async def test_a_pair_without_a_mode_goes_by_way_of_another_language(apertium, installed_modes):
    if not {("en", "ca"), ("ca", "fr")} <= set(installed_modes):
        pytest.skip("Apertium lacks the pairs: apt-get install apertium-eng-cat apertium-fra-cat")
    assert apertium.pairs()["en", "fr"] == "apertium eng-cat + cat-fra"
    assert await apertium.translate(["The house is red."], "en", "fr") == ["La maison est rouge."]


async def test_a_text_of_the_greatest_length_comes_back(translate):
    (translation,) = await translate("The house is red. " * 555)
    assert translation.count("roja") == 555


async def test_texts_from_anywhere_never_put_the_answers_out_of_step(apertium, translate, pids):
    """One event loop for all examples, so that the pipeline lives through them: hypothesis runs in a thread."""
    await translate(SENTINEL[0])
    first = pids()

    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(TEXTS, min_size=1, max_size=5, unique=True))
    def check(texts):
        *answers, sentinel = anyio.from_thread.run(translate, *texts, SENTINEL[0])
        assert sentinel == SENTINEL[1]
        assert [text for text, answer in zip(texts, answers, strict=True) if answer is None] == []

    await anyio.to_thread.run_sync(check)
    assert pids() == first, "a text broke the pipeline; it was started anew"
