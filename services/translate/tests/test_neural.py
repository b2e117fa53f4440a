"""The neural engine on a small model that is made here: real weights, real loading, a dictionary for a teacher."""

import asyncio
import json
import shutil
import threading

import httpx
import pytest

from twinshop.contracts.errors import Unavailable
from twinshop.contracts.translate import Translation, TranslationRequest
from twinshop.kit.app import create_app
from twinshop.kit.settings import ServerSettings
from twinshop.translate import neural, turns
from twinshop.translate.app import build
from twinshop.translate.engine import ModelsError
from twinshop.translate.neural import demo, folder
from twinshop.translate.neural import engine as engines
from twinshop.translate.neural.folder import Canary, InUse
from twinshop.translate.neural.model import MAX_PIECES, Model
from twinshop.translate.neural.sentences import Sentences
from twinshop.translate.settings import TranslateSettings
from twinshop.translate.wiring import assemble

pytestmark = pytest.mark.anyio
integration = pytest.mark.integration  # for those that wait for a thread

PAIR = ("en", "es")


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A folder with both versions of the toy."""
    place = tmp_path_factory.mktemp("models")
    for version in demo.VERSIONS:
        demo.make(place, version, demo.SIZES["small"])
    return place


@pytest.fixture
def models(made, tmp_path):
    """The same, for a test that changes it."""
    place = shutil.copytree(made, tmp_path / "models")
    folder.set_in_use(place, PAIR, InUse(version="toy-1"))
    return place


@pytest.fixture(scope="session")
def model(made):
    return Model(made / "en-es" / "toy-1")


@pytest.fixture
async def engine(models):
    engine = neural.from_folder(models, seconds=60)
    await engine.start()
    await engine.loaded()
    yield engine
    await engine.close()


@pytest.fixture
def held(monkeypatch):
    """Models load only once this event is set."""
    event = threading.Event()

    class Held(Model):
        def __init__(self, path):
            event.wait(60)
            super().__init__(path)

    monkeypatch.setattr(engines, "Model", Held)
    yield event
    event.set()


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(engines, "LOOK_SECONDS", 0.01)


def settings_for(models, memory_folder, tmp_path, **more):
    return TranslateSettings(
        engine="neural",
        models=models,
        memory=memory_folder,
        apertium_modes=tmp_path / "none",
        engine_seconds=60,
        **more,
    )


def request(*texts):
    return TranslationRequest(texts=texts, source="en", target="es")


async def until(true):
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - as below
            await asyncio.sleep(0.01)


# The model


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("the red pan", "la roja sartén"),
        ("my frobnicator", "mi frobnicator"),
        ("water for tea", "agua para té"),
        ("  the house ", "  la casa "),
        ("the <b>red</b> pan\nin {place}", "la <b>roja</b> sartén\nen {place}"),
        ("https://example.com/a", "https://example.com/a"),
    ],
)
def test_a_model_translates(model, text, translation):
    assert model.translate([text]) == [translation]


def test_texts_of_different_lengths_do_not_disturb_each_other(model):
    texts = ["red", "the white cup with tea in the garden", "", "house of wood and water"]
    assert model.translate(texts) == ["roja", "la blanca taza con té en la jardín", "", "casa de madera y agua"]


def test_no_word_of_a_long_sentence_is_lost(model):
    words = 5 * MAX_PIECES
    (translation,) = model.translate([" ".join(["red"] * words)])
    # The toy tells 63 positions apart; the rest of each part is its own limit, not the cutting's.
    assert set(translation.split()) == {"roja"}
    assert [len(part) for part in model._cut(" ".join(["red"] * words))] == [MAX_PIECES] * 5


def test_an_answer_without_an_end_is_no_translation(model, monkeypatch):
    monkeypatch.setattr("twinshop.translate.neural.model.MAX_ANSWER", 3)
    assert model.translate(["the red pan", "red"]) == [None, "roja"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("It is 3.5 cm long. «Sí» is Spanish.", ["It is 3.5 cm long.", "«Sí» is Spanish."]),
        ('He said "Go." Then he went.', ['He said "Go.', "Then he went."]),
        ("e.g. this one", ["e.g. this one"]),
        ("One\n\n  two\r\n", ["One", "two"]),
        ("Hello <b>big</b> world {name}!", ["Hello", "big", "world"]),
        ("12 — 34", []),
    ],
)
def test_a_text_goes_to_the_model_sentence_by_sentence(text, parts):
    sentences = Sentences(text)
    assert sentences.parts == parts
    assert sentences.join(parts) == text


def test_files_that_are_no_model_are_told(models):
    path = models / "en-es" / "toy-1"
    (path / folder.WEIGHTS).write_bytes(b"not a model")
    with pytest.raises(ModelsError, match=r"cannot be loaded.*make models"):
        Model(path)


def test_a_model_of_the_real_shape_loads(tmp_path):
    """Six layers of 512, a vocabulary of 32,000, int8: what a model from the internet has."""
    path = demo.make(tmp_path, "toy-1", demo.SIZES["base"])
    assert (path / folder.WEIGHTS).stat().st_size > 70_000_000
    assert Model(path).translate(["the red pan"]) == ["la roja sartén"]


# The folder


def test_the_only_version_of_a_pair_is_in_use(made, tmp_path):
    shutil.copytree(made / "en-es" / "toy-2", tmp_path / "en-es" / "toy-2")
    assert folder.in_use(tmp_path) == {PAIR: InUse(version="toy-2")}


def test_of_several_versions_none_is_guessed(made):
    with pytest.raises(ModelsError, match="models use en-es toy-1"):
        folder.in_use(made)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (shutil.rmtree, "no folder of models.*make models"),
        (lambda place: shutil.rmtree(place / "en-es"), "no model at.*make models"),
        (lambda place: (place / "rollout.json").write_text("{"), "rollout.json cannot be used"),
        (lambda place: (place / "rollout.json").write_text('{"en-es": {"version": "../x"}}'), "rollout.json cannot be"),
        (lambda place: (place / "rollout.json").write_text('{"english": {"version": "1"}}'), "write it as en-es"),
        (lambda place: (place / "en-es" / "toy-1" / "model.bin").unlink(), "no model.bin.*make models"),
        (lambda place: (place / "en-es" / "toy-1" / "source.spm").unlink(), "no SentencePiece model"),
    ],
)
def test_a_folder_that_cannot_be_used_is_told_with_what_to_do(models, spoil, told):
    spoil(models)
    with pytest.raises(ModelsError, match=told):
        neural.from_folder(models, seconds=1)


def test_the_engine_needs_a_folder_and_its_libraries(models, monkeypatch):
    with pytest.raises(ModelsError, match="TRANSLATE_MODELS"):
        neural.from_folder(None, seconds=1)
    monkeypatch.setattr(neural, "EXTRA", ("no_such_library",))
    with pytest.raises(ModelsError, match=r"no_such_library.*twinshop-translate\[neural\]"):
        neural.from_folder(models, seconds=1)


def test_a_canary_has_its_share_and_keeps_its_texts_when_it_grows():
    texts = [f"text {number}" for number in range(2000)]

    def tried(share):
        use = InUse(version="1", canary=Canary(version="2", share=share))
        return {text for text in texts if use.chosen(text) == "2"}

    assert tried(0) == set()
    assert 0.08 < len(tried(0.1)) / len(texts) < 0.12
    assert tried(0.1) < tried(0.5) < tried(1) == set(texts)


# The engine


@integration
async def test_answers_name_engine_and_version(models, memory_folder, tmp_path):
    service = assemble(settings_for(models, memory_folder, tmp_path))
    await service.start()
    await service.loaded()
    assert await service.translate_many(request("the red pan", "Kitchen")) == (
        Translation(text="la roja sartén", origin="engine", engine="neural en-es/toy-1"),
        Translation(text="Cocina", origin="memory"),
    )
    (pair,) = [each for each in await service.pairs() if (each.source, each.target) == PAIR]
    assert pair.engine == "neural en-es/toy-1"
    await service.close()


@integration
async def test_while_it_loads_it_is_not_ready_and_what_needs_no_model_is_answered(
    models, memory_folder, tmp_path, held
):
    service = assemble(settings_for(models, memory_folder, tmp_path))
    await service.start()
    with pytest.raises(Unavailable, match="being loaded"):
        await service.ready()
    with pytest.raises(Unavailable, match="being loaded"):
        await service.translate_many(request("Kitchen", "the red pan"))
    assert (await service.translate_many(request("Kitchen")))[0].origin == "memory"
    held.set()
    await service.loaded()
    await service.ready()
    assert (await service.translate_many(request("the red pan")))[0].origin == "engine"
    await service.close()


@integration
async def test_a_model_that_cannot_be_loaded_is_why_it_is_not_ready(models):
    (models / "en-es" / "toy-1" / folder.WEIGHTS).write_bytes(b"not a model")
    engine = neural.from_folder(models, seconds=1)
    await engine.start()
    with pytest.raises(Unavailable, match=r"cannot be loaded.*make models"):
        await engine.loaded()
    await engine.close()


@integration
async def test_other_work_goes_on_while_a_model_translates(engine, monkeypatch):
    """The event loop is free: it turns while the thread is at work."""
    begun, ended = threading.Event(), threading.Event()
    real = Model.translate

    def slow(self, texts):
        begun.set()
        ended.wait(60)
        return real(self, texts)

    monkeypatch.setattr(Model, "translate", slow)
    work = asyncio.create_task(engine.translate(["the red pan"], *PAIR))
    await until(begun.is_set)
    assert not work.done()
    ended.set()
    assert await work == ["la roja sartén"]


@integration
async def test_what_is_late_stays_untranslated_and_the_next_caller_is_served(models, monkeypatch):
    ended = threading.Event()
    real = Model.translate

    def slow(self, texts):
        ended.wait(60)
        return real(self, texts)

    monkeypatch.setattr(Model, "translate", slow)
    engine = neural.from_folder(models, seconds=0.05)
    await engine.start()
    await engine.loaded()
    assert await engine.translate(["the red pan"], *PAIR) == [None]
    ended.set()
    monkeypatch.setattr(engine, "_seconds", 60)
    assert await engine.translate(["the house"], *PAIR) == ["la casa"]
    await engine.close()


@integration
async def test_the_queue_has_a_bound(engine, monkeypatch):
    ended = threading.Event()
    monkeypatch.setattr(Model, "translate", lambda _, texts: list(texts) if ended.wait(60) else None)
    monkeypatch.setattr(turns, "MAX_WAITING", 2)
    calls = [asyncio.create_task(engine.translate(["red"], *PAIR)) for _ in range(3)]  # one at work, two waiting
    await until(lambda: engine._turns.waiting == 2)
    assert await engine.translate(["red"], *PAIR) == [None]
    assert not any(call.done() for call in calls)
    ended.set()
    assert await asyncio.gather(*calls) == [["red"]] * 3


@integration
async def test_a_batch_that_fails_costs_only_its_texts(engine, monkeypatch, caplog):
    real = Model.translate

    def failing(self, texts):
        if "bad" in texts:
            raise RuntimeError("no memory")
        return real(self, texts)

    monkeypatch.setattr(Model, "translate", failing)
    monkeypatch.setattr(engines, "BATCH_CHARACTERS", 1)
    assert await engine.translate(["bad", "red"], *PAIR) == [None, "roja"]
    assert "failed to translate" in caplog.text


@integration
async def test_after_its_end_nothing_is_translated(engine):
    await engine.close()
    assert await engine.translate(["red"], *PAIR) == [None]


# A rollout


@integration
async def test_canary_roll_out_and_roll_back_reach_a_running_service(models, memory_folder, tmp_path, at_once):
    service = assemble(settings_for(models, memory_folder, tmp_path))
    await service.start()
    await service.loaded()

    async def version():
        (translation,) = await service.translate_many(request("the red pan"))
        return translation.engine, translation.text

    async def becomes(expected):
        async with asyncio.timeout(60):
            while await version() != expected:  # noqa: ASYNC110 - a service tells nobody when it follows
                await asyncio.sleep(0.01)

    old, new = ("neural en-es/toy-1", "la roja sartén"), ("neural en-es/toy-2", "la roja pan")
    assert await version() == old
    folder.set_in_use(models, PAIR, InUse(version="toy-1", canary=Canary(version="toy-2", share=1)))
    await becomes(new)
    folder.set_in_use(models, PAIR, InUse(version="toy-2"))
    await becomes(new)
    folder.set_in_use(models, PAIR, InUse(version="toy-1"))
    await becomes(old)  # and not from the cache
    await service.close()


@integration
@pytest.mark.parametrize("broken", ["rollout", "model"])
async def test_a_rollout_that_cannot_be_used_leaves_the_old_one(models, engine, at_once, caplog, broken):
    if broken == "model":
        (models / "en-es" / "toy-2" / folder.WEIGHTS).write_bytes(b"not a model")
        folder.set_in_use(models, PAIR, InUse(version="toy-2"))
    else:
        folder.write_whole(models / "rollout.json", json.dumps({"en-es": {"version": "toy-3"}}))
    await until(lambda: "toy-" in caplog.text and ("stays as it is" in caplog.text or "not loaded" in caplog.text))
    await engine.ready()
    assert engine.name("red", *PAIR) == "neural en-es/toy-1"
    assert await engine.translate(["red"], *PAIR) == ["roja"]


@integration
async def test_over_http_a_request_that_needs_a_model_is_503_with_the_reason_until_it_is_loaded(
    models, memory_folder, tmp_path, held
):
    component = build(settings_for(models, memory_folder, tmp_path))
    app = create_app([component], ServerSettings(), title="translate")
    body = {"texts": ["the red pan"], "source": "en", "target": "es"}
    transport = httpx.ASGITransport(app)
    async with component.running(), httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["components"]) == (
            503,
            {"translate": "The translation models are being loaded."},
        )
        refused = await client.post("/translate/texts", json=body)
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["retry-after"]
        assert refused.json()["detail"] == "The translation models are being loaded."
        assert (await client.get("/livez")).status_code == 200

        held.set()
        async with asyncio.timeout(60):
            while (await client.get("/readyz")).status_code != 200:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        (answer,) = (await client.post("/translate/texts", json=body)).json()
        assert answer == {"text": "la roja sartén", "origin": "engine", "engine": "neural en-es/toy-1"}
