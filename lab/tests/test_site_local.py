"""An environment of real processes of the shop: what can be done to it, and that nothing of it stays."""

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
from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.shapes import parse
from twinshop.testing.groupings import grouping
from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
GROUPING = grouping("storefront+cart", "catalog+payment", "translate")
OPTIONS = EnvironmentOptions(
    cores=(0,), workers={"translate": 2}, environment={"LAB_TEST": "yes"}, faults=True, stock=123456
)
"""The translator has the workers, since it starts in half the time of a component with a database."""
SECONDS = 60


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """One for all tests; each leaves it as it found it, with all parts ready."""
    with open_environment(parse(GROUPING), "local", ROOT, tmp_path_factory.mktemp("site"), OPTIONS) as environment:
        environment.create()
        environment.start()
        environment.wait_ready(SECONDS)
        yield environment


def processes(environment, part):
    """All of a part, by the folder that each carries and the log to which each writes."""
    log = str(environment.folder / "logs" / f"{part}.log")
    return [each for each in strays(environment.folder) if Path(f"/proc/{each.pid}/fd/1").resolve() == Path(log)]


def answers(url, seconds=1.0):
    try:
        with urllib.request.urlopen(url, timeout=seconds) as response:
            return response.read()
    except (OSError, urllib.error.URLError):
        return None


def test_visitors_find_the_shop_with_plenty_of_stock(environment):
    items = json.loads(answers(f"{environment.url}/api/products", 10))["items"]

    assert {item["available"] for item in items} == {123456}


def test_parts_are_the_processes_of_the_shape_and_redis(environment):
    assert environment.parts() == ("storefront-cart", "catalog-payment", "translate", "redis")
    assert environment.hosts("payment") == "catalog-payment"
    assert environment.stores("cart", "redis") == "redis"


def test_everything_runs_on_the_given_processors_with_the_given_variables(environment):
    for process in strays(environment.folder):
        assert process.cpu_affinity() == [0]
        assert process.environ()["LAB_TEST"] == "yes"


def test_every_component_is_told_the_token_and_no_log_tells_it(environment):
    for part in environment.parts():
        assert all(each.environ()["TWINSHOP_FAULT_TOKEN"] == environment.token for each in processes(environment, part))
        assert environment.token not in environment.logs(part)


def test_each_process_can_be_asked_at_a_port_of_its_own(environment):
    for part in ("storefront-cart", "catalog-payment", "translate"):
        (url,) = environment.control_urls(part)
        assert b'"status":"ready"' in answers(f"{url}/readyz", 10)
    assert environment.control_urls("redis") == ()


def test_what_is_killed_goes_with_its_workers_and_stays_down_until_it_is_revived(environment):
    before = processes(environment, "translate")
    assert len(before) >= 3  # uvicorn, and its two workers
    (url,) = environment.control_urls("translate")

    environment.kill("translate")

    assert processes(environment, "translate") == []
    assert "translate" not in environment.usage()
    time.sleep(0.5)  # longer than a restart is delayed
    assert processes(environment, "translate") == []
    assert answers(f"{environment.url}/livez") is not None
    environment.revive("translate")
    assert wait_until(lambda: answers(f"{url}/readyz"))
    assert environment.usage()["translate"].starts == 0


def test_what_crashes_is_started_again_and_counted(environment):
    before = {each.pid for each in processes(environment, "translate")}
    (url,) = environment.control_urls("translate")

    environment.crash("translate")
    assert not before & {each.pid for each in processes(environment, "translate")}

    assert wait_until(lambda: (now := processes(environment, "translate")) and not {each.pid for each in now} & before)
    assert wait_until(lambda: answers(f"{url}/readyz"))
    assert environment.usage()["translate"].starts == 1


def test_workers_whose_parent_dies_alone_do_not_stay(environment):
    parent, *workers = sorted(processes(environment, "translate"), key=lambda each: each.create_time())
    parent.kill()

    assert psutil.wait_procs(workers, timeout=10)[1] == []
    (url,) = environment.control_urls("translate")
    assert wait_until(lambda: answers(f"{url}/readyz"))


def test_what_is_paused_holds_connections_and_answers_none_until_it_is_resumed(environment):
    (url,) = environment.control_urls("catalog-payment")

    environment.pause("catalog-payment")
    try:
        assert answers(f"{url}/livez", 0.5) is None
        assert {each.status() for each in processes(environment, "catalog-payment")} == {psutil.STATUS_STOPPED}
    finally:
        environment.resume("catalog-payment")

    assert wait_until(lambda: answers(f"{url}/livez"))


def test_a_restart_is_graceful_and_no_crash(environment):
    (url,) = environment.control_urls("catalog-payment")
    before = {each.pid for each in processes(environment, "catalog-payment")}

    environment.restart("catalog-payment")
    assert wait_until(lambda: answers(f"{url}/readyz"))

    assert not {each.pid for each in processes(environment, "catalog-payment")} & before
    assert environment.usage()["catalog-payment"].starts == 0


def test_usage_grows_with_work_and_is_of_a_plausible_size(environment):
    before = environment.usage()
    for _ in range(20):
        answers(f"{environment.url}/?lang=es", 10)
    after = environment.usage()

    assert set(after) == set(environment.parts())
    assert before["storefront-cart"].cpu_seconds < after["storefront-cart"].cpu_seconds < SECONDS
    for part, used in after.items():
        resident = sum(each.memory_info().rss for each in processes(environment, part))
        assert used.memory_kind == "pss"
        assert 1e6 < used.memory_bytes <= resident


def test_data_outlive_a_stop(environment):
    def redis(command):
        with closing(socket.create_connection(("127.0.0.1", environment.shape.redis_port), timeout=5)) as connection:
            connection.sendall(command)
            return connection.recv(100)

    assert redis(b"SET cart full\r\n") == b"+OK\r\n"
    environment.stop()
    assert strays(environment.folder) == []
    environment.start()
    environment.wait_ready(SECONDS)

    assert redis(b"GET cart\r\n") == b"$4\r\nfull\r\n"


@pytest.mark.parametrize(
    ("try_it", "reason"),
    [
        (lambda environment: environment.cut("translate"), "share the loopback interface"),
        (lambda environment: environment.mend("translate"), "share the loopback interface"),
        (lambda environment: environment.limit("translate", cpus=0.5), "Docker can"),
        (lambda environment: environment.scale("translate", 2), "give the process more workers"),
        (lambda environment: environment.stores("catalog", "database"), "SQLite"),
        (lambda environment: environment.stores("payment", "redis"), "only cart does"),
    ],
)
def test_what_processes_cannot_do_is_refused_with_the_reason(environment, try_it, reason):
    with pytest.raises(Unsupported, match=reason):
        try_it(environment)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (EnvironmentOptions(cpus=0.5), "Docker can"),
        (EnvironmentOptions(memory_bytes=2**30), "Docker can"),
        (EnvironmentOptions(replicas={"mono": 2}), "give the process more workers"),
        (EnvironmentOptions(workers={"catalog": 2}), "no process `catalog`; it has mono"),
        (EnvironmentOptions(workers={"mono": 0}), "mono needs at least one"),
        (EnvironmentOptions(environment={"CATALOG_DATA": "/x"}), "CATALOG_DATA is set by the environment itself"),
    ],
)
def test_options_that_could_not_take_effect_are_refused(tmp_path, options, reason):
    with pytest.raises(LabError, match=reason), open_environment(parse("mono"), "local", ROOT, tmp_path, options):
        pass


def test_an_unknown_part_is_told_with_those_there_are(environment):
    with pytest.raises(LabError, match="no `search`; there are storefront-cart, catalog-payment"):
        environment.kill("search")


def test_processors_that_are_not_there_are_told(tmp_path):
    with open_environment(parse("mono"), "local", ROOT, tmp_path, EnvironmentOptions(cores=(4095,))) as environment:
        environment.create()
        with pytest.raises(LabError, match=r"cannot be started.*processors \(4095,\)"):
            environment.start()


def test_a_part_that_cannot_start_is_told_with_its_last_lines(tmp_path):
    options = EnvironmentOptions(environment={"CATALOG_TIMEOUT_SECONDS": "never", "TWINSHOP_LOG_LEVEL": "LOUD"})
    with open_environment(parse("mono"), "local", ROOT, tmp_path, options) as environment:
        environment.create()
        environment.start()
        with pytest.raises(LabError, match=r"(?s)mono exited \d+ times \(last exit code 1\).*LOUD"):
            environment.wait_ready(SECONDS)
    assert strays(environment.folder) == []


HELD = """
import sys, time
from pathlib import Path
from twinshop.lab.shapes import parse
from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import EnvironmentOptions
with open_environment(parse("mono"), "local", Path(), Path(sys.argv[1]), EnvironmentOptions()) as site:
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
