"""The first right answer of a server that hangs, then is wrong, then right."""

import asyncio
import threading
from time import perf_counter, sleep

import pytest
from aiohttp import web

from twinshop.lab.errors import LabError
from twinshop.lab.experiments.packaging.first_answer import engine_answer, first_right_answer

pytestmark = pytest.mark.integration


def translation(text, origin):
    return [{"text": text, "origin": origin, "engine": None}]


@pytest.fixture
def serve():
    """Run a server whose answers to `/translate/texts` are `answer(number of the request)`, awaited, in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runners = []

    def started(answer, pairs=()):
        count = iter(range(10**6))

        async def texts(request):
            return web.json_response(await answer(next(count)))

        async def get_pairs(request):
            return web.json_response(list(pairs))

        async def up():
            app = web.Application()
            app.router.add_post("/translate/texts", texts)
            app.router.add_get("/translate/pairs", get_pairs)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            runners.append(runner)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            return runner.addresses[0][1]

        port = asyncio.run_coroutine_threadsafe(up(), loop).result(10)
        return f"http://127.0.0.1:{port}"

    async def down():
        for runner in runners:
            await runner.cleanup()
        hanging = asyncio.all_tasks() - {asyncio.current_task()}  # of clients that gave up: nothing else ends them
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)

    yield started
    asyncio.run_coroutine_threadsafe(down(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def never_ends():
    return None


def test_a_request_that_hangs_hides_no_later_answer(serve):
    async def answer(number):
        if number == 0:
            await asyncio.sleep(30)
        return translation("Cocina", "memory")

    since = perf_counter()
    assert 0 < first_right_answer(serve(answer), 20, never_ends) - since < 10


def test_a_wrong_answer_is_not_the_first(serve):
    seen = []

    async def answer(number):
        seen.append(number)
        return translation("Kitchen", "none") if number < 5 else translation("Cocina", "memory")

    first_right_answer(serve(answer), 20, never_ends)
    assert len(seen) >= 6


def test_what_was_said_instead_is_told_when_there_is_no_right_answer(serve):
    async def answer(number):
        return translation("Küche", "memory")

    with pytest.raises(LabError, match=r"No correct answer within 0 s, but .*K\\u00fcche"):
        first_right_answer(serve(answer), 0.3, never_ends)


def test_a_component_that_has_ended_is_not_waited_for():
    with pytest.raises(LabError, match="it ended with 1"):
        first_right_answer("http://127.0.0.1:9", 60, lambda: "it ended with 1")


PAIRS = [{"source": "en", "target": "es", "engine": "apertium eng-spa"}]


def test_the_engine_is_timed_from_its_question(serve):
    async def answer(number):
        await asyncio.sleep(0.2)
        return translation("La casa es roja.", "engine")

    url = serve(answer, PAIRS)
    sleep(0.1)
    assert 0.2 <= engine_answer(url, 10) < 5


def test_a_translator_without_an_engine_is_asked_nothing(serve):
    async def answer(number):
        raise AssertionError

    assert engine_answer(serve(answer, [{**PAIRS[0], "engine": None}]), 10) is None


def test_a_text_that_the_engine_left_as_it_was_is_an_error(serve):
    async def answer(number):
        return translation("The house is red.", "none")

    with pytest.raises(LabError, match="wrong answer"):
        engine_answer(serve(answer, PAIRS), 10)
