"""A control room that is killed: what it planted heals by its time limit, and then nothing is left."""

import subprocess
import sys
import time

import httpx
import pytest

from twinshop.lab.environments.local.strays import strays
from twinshop.testing import plain_http
from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration

SECONDS = 90
LIMIT_SECONDS = 3
ROOM = """
import sys, time
from pathlib import Path
from twinshop.lab.control.kinds import KINDS
from twinshop.lab.control.shop import Shop
from twinshop.lab.shapes import parse
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.environments.open import open_watched
kind, stays, folder = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])
options = EnvironmentOptions(faults=True)
with open_watched(parse("mono"), "local", Path(), folder, options, stays=stays) as (site, guard):
    site.create(); site.start(); site.wait_ready()
    shop = Shop(site, guard, folder)
    planted = time.time()
    shop.plant(KINDS[kind], "cart", LIMIT)
    print(site.url, planted, flush=True)
    time.sleep(600)
""".replace("LIMIT", str(LIMIT_SECONDS))


@pytest.fixture
def killed_room(tmp_path):
    """A room that planted a fault into a monolith and was then killed: its folder, the shop's address, the moment."""

    def killed(kind, stays):
        folder = tmp_path.resolve() / "room" / "mono"
        command = [sys.executable, "-c", ROOM, kind, str(stays), str(folder)]
        with (
            (tmp_path / "said").open("w") as said,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True) as lab,
        ):
            told = lab.stdout.readline().split()
            lab.kill()
        assert told, (tmp_path / "said").read_text()
        url, planted = told
        return folder, url, float(planted)

    return killed


def answers(url):
    try:
        return plain_http.get(f"{url}/readyz", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("kind", ["hang", "crash"])
def test_what_a_killed_room_planted_heals_by_its_limit_and_not_before(killed_room, tmp_path, kind, guards):
    folder, url, planted = killed_room(kind, 600)
    (watchdog,) = guards(folder)

    wait_until(lambda: answers(url))
    assert time.time() - planted >= LIMIT_SECONDS
    wait_until(lambda: f"mono: reverted: {kind} of cart." in (tmp_path / "said").read_text())

    watchdog.terminate()  # as it says: the shop is removed at once
    wait_until(lambda: not guards(folder))
    assert strays(folder) == []
    assert not folder.parent.exists()


def test_the_shop_of_a_killed_room_is_removed_when_its_time_is_over(killed_room, tmp_path, guards):
    folder, url, planted = killed_room("slow", 0.5)

    wait_until(lambda: not guards(folder))
    assert time.time() - planted >= LIMIT_SECONDS
    assert strays(folder) == []
    assert not answers(url)
    assert not folder.parent.exists()
    assert (tmp_path / "said").read_text().splitlines()[-1] == "mono: the shop is removed."
