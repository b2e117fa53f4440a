"""`twinshop load`, and the same generator under Locust's own command line."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.load import options
from twinshop.lab.load.api import read_load
from twinshop.lab.load.generator import LOCUSTFILE
from twinshop.testing import plain_http
from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
LONG_SECONDS = 60


def test_it_prints_a_table_and_keeps_the_load_which_can_be_shown_again(target, tmp_path, capsys):
    with target() as (_, url):
        folder = tmp_path / "load"
        given = ("--profile", "ramp", "--rate", "60", "--seconds", "2", "--mix", "translate=2", "--seed", "4")
        assert main(["load", url, *given, "--folder", str(folder)]) == 0
    told = capsys.readouterr().out

    result = read_load(folder)
    assert result.sessions() > 20
    assert told.splitlines()[0] == f"About 60 sessions in 2 seconds to {url} …"
    assert [line.split()[:3] for line in told.splitlines() if line.startswith(("translate", "all"))] == [
        [name, str(result.sessions()), "100.00%"] for name in ("translate", "all")
    ]
    assert f"Stored: {folder}" in told

    assert main(["load", str(folder)]) == 0
    assert capsys.readouterr().out.strip() in told


NOT_HERE = "http://shop.example is not on this machine. Add --elsewhere if you are allowed to load it."


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["http://shop.example"], NOT_HERE),
        (["shop.example"], NOT_HERE),
        (["localhost:1", "--seconds", "1"], "The shop does not answer: connection refused."),
        (["http://127.0.0.1:1", "--profile", "wave"], "unknown profile 'wave'"),
        (["http://127.0.0.1:1", "--profile", "none.csv"], "none.csv cannot be read"),
        (["http://127.0.0.1:1", "--mix", "sleep=1"], "unknown journey 'sleep'"),
        (["http://127.0.0.1:1", "--mix", "cart=many"], "The weight of a journey is a number, not `many`."),
        (["http://127.0.0.1:1", "--rate", "0"], "must be more than 0"),
        (
            ["ftp://127.0.0.1"],
            "invalid address 'ftp://127.0.0.1': write the address of a shop, such as http://localhost:8100",
        ),
    ],
)
def test_what_cannot_be_done_is_one_clear_message_and_leaves_nothing(arguments, told, tmp_path, capsys):
    folder = tmp_path / "load"

    assert main(["load", *arguments, "--folder", str(folder)]) == (1 if "does not answer" in told else 2)

    output = capsys.readouterr()
    assert told in output.err
    assert not folder.exists()
    assert "Stored" not in output.out


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, capsys):
    (tmp_path / "notes.txt").touch()

    assert main(["load", "http://127.0.0.1:1", "--folder", str(tmp_path)]) == 2

    assert f"{tmp_path} is not empty." in capsys.readouterr().err


def test_interrupted_it_shows_what_it_has_and_leaves_no_generator(target, tmp_path):
    with target() as (_, url):
        command = [sys.executable, "-m", "twinshop.lab", "load", url, "--seconds", "60", "--mix", "translate"]
        folder = tmp_path / "load"
        with subprocess.Popen([*command, "--folder", str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT) as lab:
            wait_until((folder / "began.json").exists)
            time.sleep(1)
            lab.send_signal(signal.SIGINT)
            told, _ = lab.communicate(timeout=LONG_SECONDS)

    assert lab.returncode == 130
    assert "This load is invalid: the load was stopped before its end." in told
    assert read_load(folder).sessions() > 0


def test_locust_runs_it_alone_with_options_from_the_environment(target, tmp_path):
    folder = tmp_path / "load"
    given = {"RATE": "50", "SECONDS": "2", "MIX": "translate", "PROFILE": "step"}
    environment = {**os.environ, **{f"TWINSHOP_LOAD_{name}": value for name, value in given.items()}}
    with target() as (_, url):
        command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--host", url]
        run = subprocess.run(
            [*command, "--folder", str(folder)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONG_SECONDS,
            check=False,
        )

    assert run.returncode == 0, run.stdout
    result = read_load(folder)
    assert [phase.start for phase in result.plan.phases] == [12.5, 25, 37.5, 50]
    assert f"translate       {result.sessions()}  100.00%" in run.stdout
    rows = re.findall(r"^GET +translate: product +(\d+) +0\(0.00%\)", run.stdout, re.MULTILINE)
    assert rows[-1] == str(result.requests())


def test_locusts_page_starts_it_with_all_its_options_as_text_and_stops_it(target, tmp_path, free_port):
    folder = tmp_path / "load"
    own = {"load_profile": "constant", "rate": "40", "seconds": "0.0", "peak": "0.0", "mix": "translate", "seed": "1"}
    own |= {"think_time": "0.0", "max_in_flight": "500", "request_timeout": "10.0", "folder": str(folder)}
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--web-host", "127.0.0.1"]
    with (
        target() as (_, url),
        subprocess.Popen([*command, "--web-port", str(free_port)], cwd=ROOT, stderr=subprocess.DEVNULL) as locust,
        plain_http.Client(base_url=f"http://127.0.0.1:{free_port}", timeout=30) as page,
    ):
        try:
            wait_until(lambda: answers(page))
            form = {"user_count": 1, "spawn_rate": 1, "host": url, **own}
            assert page.post("/swarm", data=form).json()["success"]
            wait_until((folder / "began.json").exists)
            time.sleep(1)
            assert page.post("/stop").json()["success"]
            wait_until((folder / "generator.json").exists)
        finally:
            locust.terminate()

    assert read_load(folder).plan.seconds == 60
    assert read_load(folder).sessions() > 0


def answers(page):
    try:
        return page.get("/").status_code == 200
    except httpx.TransportError:
        return False


def test_locust_takes_only_the_closed_users_from_the_folder():
    command = [sys.executable, "-m", "locust", "-f", "loadtests/", "--list"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONG_SECONDS, check=True)

    assert sorted(run.stdout.split()[2:]) == ["Browser", "Buyer", "Searcher"]


def test_the_readme_lists_the_options_with_their_defaults():
    taken = {}

    class Parser:
        def add_argument(self, flag, **about):
            taken[flag] = about

    options.add(Parser(), profile="--load-profile", variables=True)
    readme = (ROOT / "loadtests" / "README.md").read_text()
    rows = {row.split("`")[1]: row for row in readme.splitlines() if row.startswith("| `--")}
    for flag, about in taken.items():
        assert about["env_var"] in rows[flag]
        if about["default"]:
            shown = about["default"] if isinstance(about["default"], str) else f"{about['default']:g}"
            assert f"`{shown}`" in rows[flag].split(" | ")[-1]
