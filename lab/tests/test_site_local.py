"""A site of real processes of the shop: what can be done to it, and that nothing of it stays."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from twinshop.lab.environments.local.strays import strays
from twinshop.lab.environments.open import open_site
from twinshop.lab.environments.protocol import SiteOptions
from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.shapes import parse
from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
GROUPING = "storefront+cart,catalog,payment+translate"
OPTIONS = SiteOptions(cores=(0,), workers={"catalog": 2}, environment={"LAB_TEST": "yes"}, faults=True, stock=123456)
SECONDS = 60


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """One for all tests; each leaves it as it found it, with all parts ready."""
    with open_site(parse(GROUPING), "local", ROOT, tmp_path_factory.mktemp("site"), OPTIONS) as site:
        site.create()
        site.start()
        site.wait_ready(SECONDS)
        yield site


def processes(site, part):
    """All of a part, by the folder that each carries and the log to which each writes."""
    log = str(site.folder / "logs" / f"{part}.log")
    return [each for each in strays(site.folder) if Path(f"/proc/{each.pid}/fd/1").resolve() == Path(log)]


def answers(url, seconds=1.0):
    try:
        with urllib.request.urlopen(url, timeout=seconds) as response:
            return response.read()
    except (OSError, urllib.error.URLError):
        return None


def test_visitors_find_the_shop_with_plenty_of_stock(site):
    items = json.loads(answers(f"{site.url}/api/products", 10))["items"]

    assert {item["available"] for item in items} == {123456}


def test_parts_are_the_processes_of_the_shape_and_redis(site):
    assert site.parts() == ("storefront-cart", "catalog", "payment-translate", "redis")
    assert site.hosts("translate") == "payment-translate"
    assert site.stores("cart", "redis") == "redis"


def test_everything_runs_on_the_given_processors_with_the_given_variables(site):
    for process in strays(site.folder):
        assert process.cpu_affinity() == [0]
        assert process.environ()["LAB_TEST"] == "yes"


def test_every_component_is_told_the_token_and_no_log_tells_it(site):
    for part in site.parts():
        assert all(each.environ()["TWINSHOP_FAULT_TOKEN"] == site.token for each in processes(site, part))
        assert site.token not in site.logs(part)


def test_each_process_can_be_asked_at_a_port_of_its_own(site):
    for part in ("storefront-cart", "catalog", "payment-translate"):
        (url,) = site.control_urls(part)
        assert b'"status":"ready"' in answers(f"{url}/readyz", 10)
    assert site.control_urls("redis") == ()


def test_what_is_killed_goes_with_its_workers_and_stays_down_until_it_is_revived(site):
    before = processes(site, "catalog")
    assert len(before) >= 3  # uvicorn, and its two workers
    (url,) = site.control_urls("catalog")

    site.kill("catalog")

    assert processes(site, "catalog") == []
    assert "catalog" not in site.usage()
    time.sleep(0.5)  # longer than a restart is delayed
    assert processes(site, "catalog") == []
    assert answers(f"{site.url}/livez") is not None
    site.revive("catalog")
    assert wait_until(lambda: answers(f"{url}/readyz"))
    assert site.usage()["catalog"].starts == 0


def test_what_crashes_is_started_again_and_counted(site):
    before = {each.pid for each in processes(site, "catalog")}
    (url,) = site.control_urls("catalog")

    site.crash("catalog")
    assert not before & {each.pid for each in processes(site, "catalog")}

    assert wait_until(lambda: (now := processes(site, "catalog")) and not {each.pid for each in now} & before)
    assert wait_until(lambda: answers(f"{url}/readyz"))
    assert site.usage()["catalog"].starts == 1


def test_workers_whose_parent_dies_alone_do_not_stay(site):
    parent, *workers = sorted(processes(site, "catalog"), key=lambda each: each.create_time())
    parent.kill()

    assert psutil.wait_procs(workers, timeout=10)[1] == []
    (url,) = site.control_urls("catalog")
    assert wait_until(lambda: answers(f"{url}/readyz"))


def test_what_is_paused_holds_connections_and_answers_none_until_it_is_resumed(site):
    (url,) = site.control_urls("payment-translate")

    site.pause("payment-translate")
    try:
        assert answers(f"{url}/livez", 0.5) is None
        assert {each.status() for each in processes(site, "payment-translate")} == {psutil.STATUS_STOPPED}
    finally:
        site.resume("payment-translate")

    assert wait_until(lambda: answers(f"{url}/livez"))


def test_a_restart_is_graceful_and_no_crash(site):
    (url,) = site.control_urls("payment-translate")
    before = {each.pid for each in processes(site, "payment-translate")}

    site.restart("payment-translate")
    assert wait_until(lambda: answers(f"{url}/readyz"))

    assert not {each.pid for each in processes(site, "payment-translate")} & before
    assert site.usage()["payment-translate"].starts == 0


def test_usage_grows_with_work_and_is_of_a_plausible_size(site):
    before = site.usage()
    for _ in range(20):
        answers(f"{site.url}/?lang=es", 10)
    after = site.usage()

    assert set(after) == set(site.parts())
    assert before["storefront-cart"].cpu_seconds < after["storefront-cart"].cpu_seconds < SECONDS
    for part, used in after.items():
        resident = sum(each.memory_info().rss for each in processes(site, part))
        assert used.memory_kind == "pss"
        assert 1e6 < used.memory_bytes <= resident


def test_data_outlive_a_stop(site):
    def redis(command):
        with closing(socket.create_connection(("127.0.0.1", site.shape.redis_port), timeout=5)) as connection:
            connection.sendall(command)
            return connection.recv(100)

    assert redis(b"SET cart full\r\n") == b"+OK\r\n"
    site.stop()
    assert strays(site.folder) == []
    site.start()
    site.wait_ready(SECONDS)

    assert redis(b"GET cart\r\n") == b"$4\r\nfull\r\n"


@pytest.mark.parametrize(
    ("try_it", "reason"),
    [
        (lambda site: site.cut("catalog"), "share the loopback interface"),
        (lambda site: site.mend("catalog"), "share the loopback interface"),
        (lambda site: site.limit("catalog", cpus=0.5), "Docker can"),
        (lambda site: site.scale("catalog", 2), "give a process workers"),
        (lambda site: site.stores("catalog", "database"), "SQLite"),
        (lambda site: site.stores("payment", "redis"), "only cart does"),
    ],
)
def test_what_processes_cannot_do_is_refused_with_the_reason(site, try_it, reason):
    with pytest.raises(Unsupported, match=reason):
        try_it(site)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (SiteOptions(cpus=0.5), "Docker can"),
        (SiteOptions(memory_bytes=2**30), "Docker can"),
        (SiteOptions(replicas={"mono": 2}), "give a process workers"),
        (SiteOptions(workers={"catalog": 2}), "no process `catalog`; it has mono"),
        (SiteOptions(workers={"mono": 0}), "mono needs at least one"),
        (SiteOptions(environment={"CATALOG_DATA": "/x"}), "CATALOG_DATA is decided by the site itself"),
    ],
)
def test_options_that_could_not_take_effect_are_refused(tmp_path, options, reason):
    with pytest.raises(LabError, match=reason), open_site(parse("mono"), "local", ROOT, tmp_path, options):
        pass


def test_an_unknown_part_is_told_with_those_there_are(site):
    with pytest.raises(LabError, match="no `search`; there are storefront-cart, catalog"):
        site.kill("search")


def test_processors_that_are_not_there_are_told(tmp_path):
    with open_site(parse("mono"), "local", ROOT, tmp_path, SiteOptions(cores=(4095,))) as site:
        site.create()
        with pytest.raises(LabError, match=r"cannot be started.*processors \(4095,\)"):
            site.start()


def test_a_part_that_cannot_start_is_told_with_its_last_lines(tmp_path):
    options = SiteOptions(environment={"CATALOG_TIMEOUT_SECONDS": "never", "TWINSHOP_LOG_LEVEL": "LOUD"})
    with open_site(parse("mono"), "local", ROOT, tmp_path, options) as site:
        site.create()
        site.start()
        with pytest.raises(LabError, match=r"(?s)mono ended \d+ times, lastly with code 1.*LOUD"):
            site.wait_ready(SECONDS)
    assert strays(site.folder) == []


HELD = """
import sys, time
from pathlib import Path
from twinshop.lab.shapes import parse
from twinshop.lab.environments.open import open_site
from twinshop.lab.environments.protocol import SiteOptions
with open_site(parse("mono"), "local", Path(), Path(sys.argv[1]), SiteOptions()) as site:
    site.create(); site.start(); print("started", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_survives_the_end_of_the_lab_but_the_logs(tmp_path, number):
    with subprocess.Popen(
        [sys.executable, "-c", HELD, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as lab:
        assert lab.stdout.readline() == b"started\n"
        # a process that has only just been forked does not carry its own environment yet
        wait_until(lambda: len(strays(tmp_path.resolve())) == 2)
        lab.send_signal(number)
        lab.send_signal(number)
        lab.communicate(timeout=30)

    assert strays(tmp_path.resolve()) == []
    assert [each.name for each in tmp_path.iterdir()] == ["logs"]
