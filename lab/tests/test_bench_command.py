"""`twinshop bench` shows what it has as soon as it has it, and an interruption loses nothing."""

import asyncio
import json

import aiohttp
import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.bench import bare, benchmark, calls, report
from twinshop.lab.bench.startup import soon
from twinshop.testing.ports import free_port

BLOCK = [
    {"runtime": "local", "stores": "empty", "shape": shape, "first_page": seconds, "first_order": 2 * seconds}
    for shape, seconds in (("mono", 1.0), ("micro", 1.5))
]


def blocks(count, clock, *, interrupted=False):
    """Blocks that take ten seconds each; perhaps somebody presses Ctrl-C in the last one."""
    for repeat in range(count):
        clock.append(clock[-1] + 10)
        if interrupted and repeat == count - 1:
            raise KeyboardInterrupt
        yield {"startup": [{**row, "repeat": repeat} for row in BLOCK]}


def test_a_part_says_how_far_it_is_and_prints_its_table(tmp_path, capsys):
    clock, data = [0.0], {}
    benchmark.run("Startup", 3, blocks(3, clock), data, tmp_path / "bench.json", now=lambda: clock[-1])

    told = capsys.readouterr().out
    assert told.splitlines()[:3] == [
        "Startup: 3 blocks …",
        "  1 of 3 done, about 20 s left of this part",
        "  2 of 3 done, about 10 s left of this part",
    ]
    assert report.text(data) in told
    assert json.loads((tmp_path / "bench.json").read_text()) == data


def test_an_interruption_keeps_the_blocks_before_it(tmp_path):
    clock, data = [0.0], {}
    with pytest.raises(KeyboardInterrupt):
        benchmark.run("Startup", 3, blocks(3, clock, interrupted=True), data, tmp_path / "bench.json")

    kept = json.loads((tmp_path / "bench.json").read_text())
    assert kept == data
    assert {row["repeat"] for row in kept["startup"]} == {0, 1}
    assert [file.name for file in tmp_path.iterdir()] == ["bench.json"]


@pytest.fixture
def checkout(root, monkeypatch):
    monkeypatch.setattr(benchmark.machine, "fingerprint", lambda _: {})
    return root


def test_the_command_prints_the_tables_of_an_interrupted_run(checkout, monkeypatch, capsys):
    measure = lambda *_: blocks(2, [0.0], interrupted=True)  # noqa: E731
    monkeypatch.setattr(benchmark.startup, "measure", measure)
    assert main(["bench", "--only", "startup", "--repeats", "2"]) == 130

    told = capsys.readouterr()
    assert "Interrupted. The finished blocks are kept." in told.err
    assert "Startup (median of 1)" in told.out
    (stored,) = checkout.glob("results/bench-*/bench.json")
    assert f"Stored: {stored.relative_to(checkout)}" in told.out


def test_a_run_interrupted_before_its_first_block_leaves_nothing(checkout, monkeypatch, capsys):
    monkeypatch.setattr(benchmark.startup, "measure", lambda *_: blocks(1, [0.0], interrupted=True))
    assert main(["bench", "--only", "startup"]) == 130
    assert "Stored" not in capsys.readouterr().out
    assert list((checkout / "results").iterdir()) == []


def test_the_cost_of_keys_is_a_ratio_within_each_block():
    rows = [
        {"way": way, "repeat": repeat, "caller_us": 50.0 + repeat, "callee_us": callee + repeat}
        for repeat in range(3)
        for way, callee in (("without a key", 50.0), ("with a key", 60.0))
    ]

    title, _, _, without, with_key = report.text({"keys": rows}).splitlines()
    ratios = [(110 + 2 * repeat) / (100 + 2 * repeat) for repeat in range(3)]
    assert f"paired: {sum(ratios) / 3:.3f} [" in title
    assert title.endswith("n = 3")
    assert without.split()[-2:] == ["51.0", "51.0"]
    assert with_key.split()[-2:] == ["51.0", "61.0"]


def test_the_cost_of_a_call_counts_both_sides_and_is_a_ratio_to_the_bare_pair_within_each_block():
    rows = [
        {"way": way, "repeat": repeat, "caller_us": caller * (1 + repeat), "callee_us": callee * (1 + repeat)}
        for repeat, ways in enumerate(((calls.PAIR, "a port"), ("a port", calls.PAIR)))
        for way, (caller, callee) in ((way, {calls.PAIR: (40.0, 60.0), "a port": (60.0, 150.0)}[way]) for way in ways)
    ]

    _, _, _, pair, port = report.text({"calls": rows}).splitlines()
    assert pair.split()[-4:] == ["60", "90", "150", "1.00"]
    assert port.split()[-4:] == ["90", "225", "315", "2.10"]


@pytest.mark.integration
def test_the_bare_app_answers_what_it_was_given():
    page, answer = "<html lang='en'><p>Tea &amp; <b>milk</b></p></html>", '{"a": [1]}'

    async def ask(port):
        async def get(path):
            async with http.get(path) as response:
                return response.content_type, await response.text()

        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            await soon(lambda: get("/page"))
            return await get("/page"), await get("/answer")

    with bare.running(port := free_port(), {"/page": page}, {"/answer": answer}):
        assert asyncio.run(ask(port)) == (("text/html", page), ("application/json", answer))


def test_starts_are_shown_by_engine():
    rows = [
        {
            "engine": engine,
            "shape": shape,
            "repeat": 0,
            "first_page": seconds,
            "first_order": seconds,
            "ready": seconds + heavy,
            "cpu_seconds": 1.0,
            "idle_bytes": 2**20 * (100 + 80 * heavy),
        }
        for engine, heavy in (("rules", 0), ("neural", 1))
        for shape, seconds in (("mono", 1.0), ("micro", 2.0))
    ]
    lines = [" ".join(line.split()) for line in report.text({"engines": rows}).splitlines()]

    assert "all processes ready, s: rules 1.00 2.00 2.00" in lines
    assert "all processes ready, s: neural 2.00 3.00 1.50" in lines
    assert "memory, MiB: neural 180.00 180.00 1.00" in lines
