"""The command line, on the local runtime."""

import json
import random
import socket

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.environments import commands
from twinshop.lab.environments.lifecycle import Status

pytestmark = pytest.mark.integration


@pytest.fixture
def known_shop(local, shape):
    """The test shape as the command line knows it: by its folder in `.run`."""
    local.up(60)
    return shape.name


def test_ps_shows_a_row_for_each_part_and_the_address(known_shop, shape, capsys):
    assert main(["ps", known_shop, "--runtime", "local"]) == 0
    title, heading, *rows = capsys.readouterr().out.splitlines()
    assert title == f"test on the local runtime: http://localhost:{shape.port}"
    assert heading.split() == ["NAME", "STATE", "WHERE"]
    assert [row.split()[:2] for row in rows] == [
        ["storefront", "ready"],
        ["catalog-cart-payment-translate", "ready"],
        ["redis", "ready"],
    ]


def test_down_without_a_name_stops_every_shop(known_shop, local, capsys):
    assert main(["down", "--runtime", "local"]) == 0
    assert "Stopped: test on the local runtime" in capsys.readouterr().out
    assert {each.state for each in local.ps()} == {"stopped"}


def test_wait_returns_when_all_is_ready(known_shop, capsys):
    assert main(["wait", known_shop, "--runtime", "local"]) == 0
    assert "Ready: test on the local runtime" in capsys.readouterr().out


def test_logs_of_a_stopped_shop_are_those_of_its_last_run(known_shop, local, capsys):
    local.down()
    assert main(["logs", known_shop, "--runtime", "local", "--component", "storefront"]) == 0
    assert "this is storefront" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["logs", "wait"])
def test_there_is_nothing_to_see_of_a_shop_that_never_ran(root, command, capsys):
    port = str(random.randrange(40000, 50000))
    assert main([command, *(["mono", "--port", port] if command == "wait" else []), "--runtime", "local"]) == 3
    assert "Nothing is running" in capsys.readouterr().err


def test_a_failed_up_ends_with_the_reason_and_exit_code_3(root, free_port, capsys):
    with socket.create_server(("127.0.0.1", free_port)):
        assert main(["up", "mono", "--port", str(free_port), "--runtime", "local"]) == 3
    assert f"Port {free_port}, needed by mono, is in use by process" in capsys.readouterr().err


def test_outside_a_checkout_there_is_no_shop(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["ps"]) == 2
    assert "is not inside a working copy" in capsys.readouterr().err


def test_a_full_disk_is_told_before_anything_starts(root, free_port, monkeypatch, capsys):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 3 * 2**20})())
    assert main(["up", "mono", "--port", str(free_port), "--runtime", "local"]) == 3
    assert "The disk is full: 3 MiB free" in capsys.readouterr().err


def test_an_earlier_grouping_is_known_by_its_name(root, shape, capsys):
    folder = root / ".run" / "custom-9000"
    folder.mkdir(parents=True)
    (folder / "shape.json").write_text(json.dumps({**shape.as_json(), "name": "custom-9000"}))
    assert main(["ps", "custom-9000", "--runtime", "local"]) == 0
    assert "Nothing is running" in capsys.readouterr().out


def test_without_a_terminal_there_are_no_colours(local, capsys):
    assert "\x1b" not in commands.table(local, [Status("cart", "crashed")])
