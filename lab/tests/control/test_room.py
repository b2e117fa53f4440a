"""What the control room does to the shops, and what it refuses."""

import asyncio
import time

import pytest

from twinshop.lab.control import runs
from twinshop.lab.control.schedule import steps

from .conftest import TOKEN

pytestmark = pytest.mark.anyio


def done(calls, what):
    return [call for call in calls if call[1] == what]


async def press(client, kind="crash", component="translate", seconds=60, **more):
    return await client.post("/faults", json={"kind": kind, "component": component, "seconds": seconds, **more})


async def test_both_shops_get_the_same_load(client, calls):
    (mono, micro) = done(calls, "load")

    assert mono[2:] == micro[2:]
    assert mono[2] == 3.0


async def test_an_order_is_placed_in_one_shop_after_the_other_and_noted(client, calls, room):
    answer = await client.post("/order")

    assert {shop: order["text"] for shop, order in answer.json().items()} == dict.fromkeys(
        ("mono", "micro"), "Order 7: paid"
    )
    assert [call[0] for call in done(calls, "order")] == ["mono", "micro"]


async def test_a_fault_is_planted_in_both_shops(client, calls):
    answer = await press(client)

    assert answer.status_code == 201
    assert done(calls, "plant") == [(shop, "plant", "Crash", "translate", 60.0) for shop in ("mono", "micro")]


async def test_a_fault_heals_by_itself_when_its_time_is_up(client, calls, room):
    reverted = asyncio.Event()
    room.board.changed = lambda text: reverted.set() if text.startswith("Reverted") else None
    await press(client, seconds=0.05)
    await asyncio.wait_for(reverted.wait(), 5)

    assert done(calls, "revert") == [(shop, "revert", "Crash", "translate") for shop in ("mono", "micro")]


async def test_a_fault_is_healed_once_when_it_is_pressed_again(client, calls):
    number = (await press(client)).json()["id"]

    assert (await client.delete(f"/faults/{number}")).status_code == 204
    assert len(done(calls, "revert")) == 2
    assert (await client.delete(f"/faults/{number}")).status_code == 422


async def test_all_faults_are_healed_at_once(client, calls, room):
    for component in ("cart", "catalog"):
        await press(client, component=component)
    await client.delete("/faults")

    assert len(done(calls, "revert")) == 4
    assert room.board.faults == {}


async def test_the_same_fault_is_not_planted_twice(client):
    await press(client)
    again = await press(client)

    assert again.status_code == 422
    assert "injected already" in again.json()["detail"]


async def test_what_only_one_shop_can_have_is_planted_there_and_the_other_says_why(client, shops, calls, room):
    shops["mono"].cannot.add("plant")
    answer = await press(client)

    assert answer.status_code == 201
    assert [call[0] for call in done(calls, "plant")] == ["micro"]
    assert next(iter(room.board.faults.values())).where == {"mono": "mono cannot plant.", "micro": ""}


async def test_what_neither_can_have_is_refused_with_the_reasons(client, shops):
    for shop in shops.values():
        shop.cannot.add("plant")
    answer = await press(client)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "mono cannot plant.\nmicro cannot plant."


async def test_the_page_is_told_which_buttons_lead_nowhere(room, shops):
    assert room.setup()["cannot"] == {}
    shops["mono"].cannot.add("plant")
    assert room.setup()["cannot"] == {}
    shops["micro"].cannot.add("plant")
    assert room.setup()["cannot"]["crash-cart"] == "mono cannot plant."
    assert room.setup()["partly"] == {}


async def test_the_page_is_told_what_only_one_shop_can_have(room, shops):
    shops["mono"].cannot.add("plant")

    assert room.setup()["partly"]["crash-cart"] == "Not in mono: mono cannot plant."


async def test_the_page_is_told_whether_anything_can_be_scaled(room, shops):
    shops["mono"].cannot.add("scale")
    assert room.setup()["cannot_scale"] is None
    shops["micro"].cannot.add("scale")
    assert room.setup()["cannot_scale"] == "mono cannot scale."


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "magic"},
        {"component": "till"},
        {"seconds": 0},
        {"seconds": 10**6},
        {"seconds": "soon"},
        {"predictions": {"mono": "rain"}},
        {"predictions": {"third": "all"}},
    ],
)
async def test_nonsense_is_refused(client, calls, change):
    answer = await press(client, **change)

    assert answer.status_code == 422
    assert done(calls, "plant") == []


async def test_everything_planted_is_healed_when_the_room_closes(room, calls):
    async with room.running():
        await room.plant("hang", "cart", 60)

    assert len(done(calls, "revert")) == 2


async def test_scaling_reaches_both_and_what_one_cannot_is_told(client, shops, calls):
    shops["mono"].cannot.add("scale")
    scaled = await client.post("/scale", json={"component": "catalog", "replicas": 2})

    assert scaled.status_code == 204
    assert done(calls, "scale") == [("micro", "scale", "catalog", 2)]


async def test_a_patch_is_the_same_changed_line_in_both_and_the_next_one_another(client, calls):
    for _ in range(2):
        assert (await client.post("/patch", json={"component": "cart"})).status_code == 204

    first, also, second, _ = done(calls, "patch")
    assert (first[0], also[0]) == ("mono", "micro")
    assert first[2:] == also[2:]
    assert "A component. (patch " in first[3]
    assert second[3] != first[3]


async def test_a_patch_of_what_is_no_component_is_refused(client, calls):
    assert (await client.post("/patch", json={"component": "till"})).status_code == 422
    assert done(calls, "patch") == []


async def test_the_load_can_be_changed(client, calls):
    await client.post("/load", json={"rate": 9})

    assert [call[2] for call in done(calls, "load")] == [3.0, 3.0, 9.0, 9.0]


async def test_random_faults_are_the_same_for_the_same_seed(room):
    choices = room.choices()

    assert steps(7, choices, 20) == steps(7, choices, 20) != steps(8, choices, 20)
    assert {(kind, component) for _, kind, component, _ in steps(7, choices, 1000)} == set(choices)


async def test_random_faults_are_such_as_can_be_planted(room, shops):
    every = len(room.choices())
    for shop in shops.values():
        shop.why_not = lambda kind, _: "no network" if kind.word == "Cut" else None

    assert {kind for kind, _ in room.choices()} == {"crash", "hang", "slow", "bug", "leak"}
    assert len(room.choices()) == every - 5


async def test_random_faults_can_be_started_and_stopped(client, room):
    await client.post("/schedule", json={"seed": 7})
    assert room.schedule is not None
    await client.delete("/schedule")

    assert room.schedule is None


async def test_the_stream_begins_with_the_setup_and_goes_on_with_ticks(room):
    async with room.running(), asyncio.timeout(10):
        ticks = [tick async for tick in _first(room.ticks(), 2)]

    assert set(ticks[0]["shops"]) == {"mono", "micro"}
    assert [line["text"] for line in ticks[0]["log"]] == ["Load: 3 visitors a second"]
    assert ticks[1]["log"] == []


async def tick(room):
    (shown,) = [each async for each in _first(room.ticks(), 1)]
    return shown


def visit_both(shops, since, outcome):
    """One visit a tenth of a second for the components of each shop, from some time before the fault."""
    for shop in shops.values():
        due = [(number, number / 10, "cart") for number in range(300)]
        ended = [(number, at + 0.05, outcome(shop.name, since + at)) for number, at, _ in due]
        shop.visits.take({"at": since + 40, "started": since, "due": due, "ended": ended})


async def test_a_fault_ends_with_its_result_beside_what_was_predicted(client, room, shops, monkeypatch):
    monkeypatch.setattr(runs, "AFTER_SECONDS", 0.0)
    began = time.time()
    await press(client, "crash", "cart", predictions={"mono": "all", "micro": "none"})
    visit_both(shops, began - 20, lambda _, at: "status 503" if at >= began else "good")
    for run in room.runs:
        run.since = began
    async with asyncio.timeout(10):
        while (await tick(room))["result"] is None:
            await client.delete("/faults")
            visit_both(shops, began - 20, lambda _, at: "status 503" if at >= began else "good")
        shown = await tick(room)

    assert shown["result"]["text"].startswith("Crash cart for ")
    assert [each["right"] for each in shown["result"]["predictions"]] == [True, False]
    assert shown["run"] == "Crash cart"


async def test_what_happened_is_marked_on_the_curves_until_it_ends(client, room):
    await press(client, "hang", "cart")
    (active,) = [event for event in (await tick(room))["events"] if event["text"] == "Hang cart"]
    await client.delete("/faults")
    (ended,) = [event for event in (await tick(room))["events"] if event["text"] == "Hang cart"]

    assert active["until"] is None
    assert ended["at"] == active["at"] <= ended["until"] <= time.time()


async def test_the_last_run_can_be_kept_as_a_table_and_as_a_picture(client, shops):
    address = f"/run.csv?token={TOKEN}"
    assert (await client.get(address)).status_code == 422
    visit_both(shops, time.time() - 10, lambda *_: "good")
    await press(client, "hang", "cart")
    table, picture = await client.get(address), await client.get(address.replace("csv", "png"))

    assert table.headers["content-disposition"] == 'attachment; filename="hang-cart.csv"'
    assert {line.split(",")[0] for line in table.text.splitlines()} == {"shop", "mono", "micro"}
    assert picture.content.startswith(b"\x89PNG")


async def _first(stream, number):
    async for each in stream:
        yield each
        number -= 1
        if not number:
            return


async def test_what_cannot_be_healed_in_one_shop_is_healed_in_the_other_and_can_be_tried_again(
    client, shops, calls, room
):
    number = (await press(client)).json()["id"]
    shops["micro"].cannot.add("revert")
    await client.delete(f"/faults/{number}")

    assert [call[0] for call in done(calls, "revert")] == ["mono"]
    assert number in room.board.faults
    shops["micro"].cannot.clear()
    await client.delete(f"/faults/{number}")
    assert [call[0] for call in done(calls, "revert")] == ["mono", "mono", "micro"]
    assert room.board.faults == {}
