"""Pipelines whose program dies, hangs or answers nonsense."""

import asyncio
import os
import signal

import pytest

from twinshop.translate.apertium import ApertiumEngine, discover
from twinshop.translate.apertium.modes import Mode
from twinshop.translate.turns import MAX_WAITING

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.fixture
def translate(engine):
    async def to_portuguese(*texts):
        return await engine.translate(texts, "en", "pt")

    return to_portuguese


@pytest.fixture
def pids(engine):
    """Of the programs that translate from English to Portuguese."""
    return lambda: engine._pipelines["en", "pt"].pids


async def test_texts_come_back_in_their_order(translate):
    assert await translate("one", "two words", "three") == ["ONE", "TWO WORDS", "THREE"]


async def test_the_same_programs_translate_every_text(translate, pids):
    await translate("one")
    first = pids()
    for number in range(5):
        await translate(f"text {number}")
    assert (len(first), pids()) == (2, first)


async def test_no_program_runs_before_the_first_text(pids):
    assert pids() == ()


async def test_a_pair_without_a_mode_goes_by_way_of_a_third_language(engine):
    assert engine.pairs() == {
        ("en", "pt"): "apertium eng-por",
        ("pt", "it"): "apertium por-ita",
        ("en", "it"): "apertium eng-por + por-ita",
    }
    assert await engine.translate(["one <b>two</b>"], "en", "it") == ["ONE <b>TWO</b>"]


async def test_many_texts_than_fit_in_one_batch_all_come_back(translate):
    texts = [f"word {number} " + "long " * 100 for number in range(40)]
    assert await translate(*texts) == [text.upper() for text in texts]


async def test_callers_at_the_same_time_get_their_own_answers(translate):
    answers = await asyncio.gather(*(translate(f"word {number}") for number in range(20)))
    assert answers == [[f"WORD {number}"] for number in range(20)]


async def test_a_program_that_died_once_is_started_anew_and_asked_again(translate, pids):
    await translate("one")
    first = pids()
    assert await translate("dieonce", "two") == ["DIEONCE", "TWO"]
    assert set(first).isdisjoint(pids())


async def test_a_killed_program_is_started_anew(translate, pids, alive):
    await translate("one")
    first = pids()
    os.kill(first[0], signal.SIGKILL)
    assert await translate("two") == ["TWO"]
    assert not any(alive(pid) for pid in first)


@pytest.mark.parametrize("word", ["diealways", "hang", "twoanswers", "noanswer", "endless", "latin"])
async def test_a_text_that_breaks_the_programs_costs_no_other_text(translate, word):
    assert await translate("one", word, "two") == ["ONE", None, "TWO"]


@pytest.mark.parametrize("word", ["diealways", "hang", "twoanswers", "noanswer", "endless", "latin", "reserved"])
async def test_after_a_text_that_breaks_the_programs_the_next_answer_is_right(translate, word):
    await translate(word)
    assert await translate("one", "two") == ["ONE", "TWO"]


@pytest.mark.parametrize("word", ["diealways", "hang", "twoanswers", "endless"])
async def test_broken_programs_are_gone(translate, pids, alive, word):
    await translate("one")
    first = pids()
    await translate(word)
    assert not any(alive(pid) for pid in first)


async def test_an_answer_in_the_programs_own_notation_is_no_translation(translate):
    assert await translate("reserved") == [None]


async def test_marks_of_unknown_words_are_not_shown(translate):
    assert await translate("marks") == ["UNKNOWN UNTRANSLATED UNGENERATED AND/OR"]


async def test_where_a_blank_moves_the_text_is_translated_in_fragments(translate):
    assert await translate("swap <i>these</i> words") == ["SWAP <i>THESE</i> WORDS"]


async def test_a_text_of_the_batch_that_fails_at_every_step_is_none(engine):
    assert await engine.translate(["one", "diealways"], "en", "it") == ["ONE", None]


async def test_no_texts_start_no_program(translate, pids):
    assert await translate() == []
    assert pids() == ()


async def test_a_caller_who_leaves_takes_nobody_elses_answer_along(translate):
    await translate("one")
    leaving = asyncio.create_task(translate("two"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await translate("three") == ["THREE"]


async def test_when_the_time_is_over_the_rest_stays_untranslated(modes_folder):
    engine = ApertiumEngine(discover(modes_folder), seconds=1, patience=60)
    assert await engine.translate(["hang"], "en", "pt") == [None]
    await engine.close()


async def test_closing_while_a_program_hangs_leaves_no_process(engine, translate, pids, alive):
    await translate("one")
    first = pids()
    hanging = asyncio.create_task(translate("hang"))
    await asyncio.sleep(0.05)
    await engine.close()
    assert not any(alive(pid) for pid in first)
    assert await hanging == [None]
    assert pids() == ()


async def test_what_is_closed_stays_closed(engine, translate, pids):
    await engine.close()
    assert await translate("one") == [None]
    assert pids() == ()


async def test_closing_leaves_no_process(engine, translate, pids, alive):
    await translate("one")
    first = pids()
    assert all(alive(pid) for pid in first)
    await engine.close()
    assert not any(alive(pid) for pid in first)


async def test_closing_what_never_ran_is_no_error(engine):
    await engine.close()
    await engine.close()


async def test_a_flood_is_refused_not_queued(engine, translate):
    await translate("one")
    pipeline = engine._pipelines["en", "pt"]
    await pipeline._turns.take(asyncio.get_running_loop().time() + 60)  # somebody takes long
    waiting = [asyncio.create_task(translate(f"word {number}")) for number in range(MAX_WAITING)]
    await asyncio.sleep(0)
    refused = await translate("too many")
    pipeline._turns.end()
    assert refused == [None]
    assert await asyncio.gather(*waiting) == [[f"WORD {number}"] for number in range(MAX_WAITING)]


async def test_programs_that_cannot_start_are_not_tried_for_every_text(tmp_path, caplog):
    mode = Mode("eng-por", ((str(tmp_path / "absent"),),))
    engine = ApertiumEngine({("en", "pt"): mode}, seconds=60)
    texts = [f"text {number}" for number in range(50)]
    assert await engine.translate(texts, "en", "pt") == [None] * 50
    assert 0 < caplog.text.count("No such file") < 10


async def test_a_program_that_ends_at_its_start_is_a_failure(modes_folder):
    (modes_folder.parent / "program").write_text("#!/bin/sh\nexit 3\n")
    engine = ApertiumEngine(discover(modes_folder), seconds=60)
    assert await engine.translate(["one"], "en", "pt") == [None]
    await engine.close()
