"""A site of real containers: what can be done to it, and that nothing of it stays."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from twinshop.lab.environments.cgroup import GroupV1
from twinshop.lab.environments.docker.cgroup_mounts import Cgroups
from twinshop.lab.environments.docker.engine import Container, Engine
from twinshop.lab.environments.docker.lifecycle import ComposeDeployment
from twinshop.lab.environments.docker.ready import Readiness
from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.shapes import group, parse
from twinshop.testing import plain_http
from twinshop.testing.groupings import grouping
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
GROUPING = grouping("storefront+cart", "catalog", "payment+translate")
OPTIONS = EnvironmentOptions(
    cores=(0,),
    cpus=1.0,
    memory_bytes=2 * 2**30,
    workers={"storefront-cart": 2},
    environment={"LAB_TEST": "costs $5"},
    faults=True,
    stock=123456,
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """One for all tests; each leaves it as it found it."""
    with open_environment(parse(GROUPING), "docker", ROOT, tmp_path_factory.mktemp("site"), OPTIONS) as environment:
        environment.create()
        environment.start()
        environment.wait_ready()
        yield environment


@pytest.fixture
def inspect(docker):
    """The engine's own words on each container of a part."""

    def look(environment, part):
        label = ("--filter", f"label=com.docker.compose.project={environment._name}")
        service = ("--filter", f"label=com.docker.compose.service={part}")
        return json.loads(docker("inspect", *docker("ps", "-aq", "--no-trunc", *label, *service).split()))

    return look


def answers(url, seconds=2.0):
    try:
        return plain_http.get(url, timeout=seconds).status_code
    except httpx.HTTPError:
        return None


def ready(environment, part):
    urls = environment.control_urls(part)
    return bool(urls) and all(answers(f"{url}/readyz") == 200 for url in urls)


def test_visitors_find_a_grouping_with_plenty_of_stock(environment):
    items = plain_http.get(f"{environment.url}/api/products", timeout=30).json()["items"]

    assert {item["available"] for item in items} == {123456}
    shape = plain_http.get(f"{environment.url}/api/shape", timeout=30).json()
    assert shape["remote"] == ["catalog", "payment", "translate"]


def test_parts_are_processes_stores_and_the_edge(environment):
    assert environment.parts() == (
        *("storefront-cart", "catalog", "payment-translate"),
        *("catalog-db", "payment-db", "redis", "edge"),
    )
    assert environment.stores("payment", "database") == "payment-db"
    assert environment.stores("cart", "redis") == "redis"
    with pytest.raises(Unsupported, match="translate has no database"):
        environment.stores("translate", "database")


def test_every_component_is_told_the_token_and_no_log_tells_it(environment):
    for part in ("storefront-cart", "catalog", "payment-translate"):
        (url,) = environment.control_urls(part)
        authorised = {"authorization": f"Bearer {environment.token}"}
        assert plain_http.get(f"{url}/faults", headers=authorised).status_code == 200
        assert answers(f"{url}/metrics") == 200
        assert environment.token not in environment.logs(part)


def test_faults_are_kept_in_a_folder_that_outlives_the_process_and_can_be_reached(environment):
    (url,) = environment.control_urls("catalog")
    fault = {"component": "catalog", "kind": "errors", "seconds": 60}
    authorised = {"authorization": f"Bearer {environment.token}"}

    assert plain_http.post(f"{url}/faults", json=fault, headers=authorised).status_code == 201

    assert "errors" in (environment.fault_folder / "faults.json").read_text()
    assert plain_http.delete(f"{url}/faults/catalog", headers=authorised).status_code == 204


def test_each_container_has_its_processors_variables_and_budget(environment, inspect):
    for part in environment.parts():
        (container,) = inspect(environment, part)
        assert container["HostConfig"]["CpusetCpus"] == "0"
        assert container["HostConfig"]["CgroupParent"] == environment._budget.parent
    (front,) = inspect(environment, "storefront-cart")
    assert {"LAB_TEST=costs $5", "TWINSHOP_WORKERS=2"} <= set(front["Config"]["Env"])


def test_the_total_budget_holds_everything_together(environment):
    group = Cgroups.of_this_machine().named(environment._budget.parent.lstrip("/"))
    before = environment.total()
    group.make(cpus=0.02, memory_bytes=None)  # the health checks of the stores alone use more
    try:
        # a period is counted when it begins to be throttled, its length when it is over
        after = wait_until(lambda: (now := environment.total()).throttled_seconds > before.throttled_seconds and now)
    finally:
        group.make(cpus=OPTIONS.cpus, memory_bytes=None)

    assert after.throttled_periods > before.throttled_periods
    assert 100e6 < after.memory_bytes < after.peak_memory_bytes <= OPTIONS.memory_bytes
    assert 1 < after.cpu_seconds < 600


def test_usage_grows_with_work_and_is_of_a_plausible_size(environment):
    before = environment.usage()
    for _ in range(5):
        assert answers(f"{environment.url}/?lang=es", 30) == 200
    after = environment.usage()

    assert set(after) == set(environment.parts())
    for part, used in after.items():
        assert used.memory_kind == "cgroup"
        assert 1e6 < used.memory_bytes <= used.peak_memory_bytes, part
    front, earlier = after["storefront-cart"], before["storefront-cart"]
    assert front.cpu_seconds > earlier.cpu_seconds
    assert front.sent_bytes - earlier.sent_bytes > 5 * 5_000  # five pages
    assert front.received_bytes - earlier.received_bytes > 5 * 5_000  # and what they are made from


def test_what_is_killed_stays_down_until_it_is_revived(environment):
    environment.kill("catalog")

    assert "catalog" not in environment.usage()
    time.sleep(1)  # the engine would start it again after 0.1 s
    assert environment.control_urls("catalog") == ()
    assert answers(f"{environment.url}/cart", 30) == 200
    environment.revive("catalog")
    assert wait_until(lambda: ready(environment, "catalog"))
    assert environment.usage()["catalog"].starts == 0


def test_what_crashes_is_started_again_by_the_engine_and_counted(environment):
    environment.crash("catalog")
    assert wait_until(lambda: "catalog" in (usage := environment.usage()) and usage["catalog"].starts == 1)
    assert wait_until(lambda: ready(environment, "catalog"))

    environment.restart("catalog")  # after which the engine counts from zero

    assert wait_until(lambda: ready(environment, "catalog"))
    assert environment.usage()["catalog"].starts == 1


def test_where_we_may_not_kill_its_process_a_container_does(environment, inspect):
    (container,) = inspect(environment, "redis")
    environment._engine._kill_from_a_container(container["State"]["Pid"], container["Config"]["Image"])

    assert wait_until(lambda: inspect(environment, "redis")[0]["RestartCount"] == 1)
    assert wait_until(lambda: inspect(environment, "redis")[0]["State"]["Health"]["Status"] == "healthy")


def test_what_is_paused_holds_connections_and_answers_none_until_it_is_resumed(environment):
    (url,) = environment.control_urls("catalog")
    environment.pause("catalog")
    try:
        assert answers(f"{url}/livez", 1) is None
    finally:
        environment.resume("catalog")

    assert answers(f"{url}/livez", 30) == 200


def test_a_part_that_is_cut_off_runs_on_and_is_found_again_under_its_name(environment, inspect):
    (before,) = inspect(environment, "catalog")

    environment.cut("catalog")
    try:
        assert environment.control_urls("catalog") == ()
        assert "not available right now" in wait_until(lambda: plain_http.get(environment.url, timeout=30).text)
        assert "catalog" in environment.usage()
    finally:
        environment.mend("catalog")

    (after,) = inspect(environment, "catalog")
    assert after["State"]["Pid"] == before["State"]["Pid"]
    assert wait_until(lambda: "/product/" in plain_http.get(environment.url, timeout=30).text)
    assert ready(environment, "catalog")


def test_an_edge_that_was_cut_off_is_found_at_the_same_address(environment):
    environment.cut("edge")
    assert answers(environment.url) is None
    environment.mend("edge")

    assert wait_until(lambda: answers(environment.url) == 200)


def test_limits_reach_the_kernel(environment, inspect):
    environment.limit("redis", cpus=0.5, memory_bytes=300 * 2**20)

    (container,) = inspect(environment, "redis")
    group = Cgroups.of_this_machine().of_process(container["State"]["Pid"])
    if isinstance(group, GroupV1):
        quota = int((group.folders["cpu"] / "cpu.cfs_quota_us").read_text())
        memory = int((group.folders["memory"] / "memory.limit_in_bytes").read_text())
    else:
        quota = int((group.folder / "cpu.max").read_text().split()[0])
        memory = int((group.folder / "memory.max").read_text())
    assert (quota, memory) == (50_000, 300 * 2**20)
    usage = environment.usage()["redis"]
    assert usage.memory_limit_bytes == 300 * 2**20
    assert usage.throttled_seconds >= 0


def test_a_process_is_scaled_and_a_store_is_not(environment, inspect):
    environment.scale("catalog", 2)
    environment.wait_ready()

    assert len(environment.control_urls("catalog")) == 2
    assert len({each["HostConfig"]["CgroupParent"] for each in inspect(environment, "catalog")}) == 1
    environment.scale("catalog", 1)
    assert len(environment.control_urls("catalog")) == 1
    with pytest.raises(Unsupported, match="only processes of the shop"):
        environment.scale("catalog-db", 2)


def test_data_outlive_a_stop(environment, docker):
    def redis(*words):
        container = environment._containers("redis")[0].id
        command = json.loads(docker("inspect", "-f", "{{json .Config.Cmd}}", container))
        password = next(word.removeprefix(">") for word in command if word.startswith(">"))
        return docker("exec", container, "redis-cli", "--no-auth-warning", "--user", "cart", "--pass", password, *words)

    assert redis("SET", "cart:test", "full") == "OK"
    environment.stop()
    assert environment.usage() == {}
    with pytest.raises(LabError, match="Not everything is ready after 0 s"):
        environment.wait_ready(0.1)
    environment.start()
    environment.wait_ready()

    assert redis("GET", "cart:test") == "full"


def left_behind(docker, project):
    label = ("-q", "--filter", f"label=com.docker.compose.project={project}")
    found = [docker(*kind, *label) for kind in (("ps", "-a"), ("volume", "ls"), ("network", "ls"))]
    groups = [folder for folder, _, _ in os.walk("/sys/fs/cgroup") if Path(folder).name == project]  # some vanish
    return "".join(found) + "".join(groups)


def test_a_container_that_went_while_it_was_looked_at_is_no_reason_to_give_up(monkeypatch):
    engine = Engine("twinshop-test-no-such-project")
    gone = Container("0" * 64, "cart", "twinshop/cart", "exited", healthy=False, ports={})
    monkeypatch.setattr(engine, "containers", lambda: [gone])

    assert Readiness(engine).hopeless("cart") is None


def test_the_microservices_come_up_with_replicas_and_leave_nothing_but_logs(tmp_path, docker):
    options = EnvironmentOptions(replicas={"translate": 2}, memory_bytes=3 * 2**30)
    with open_environment(parse("micro"), "docker", ROOT, tmp_path, options) as environment:
        environment.create()
        assert environment.usage() == {}
        since = environment.start()
        assert 0 < environment.wait_ready() - since < 600
        assert answers(environment.url, 30) == 200
        assert len(environment.control_urls("translate")) == 2
        assert environment.token is None

    assert left_behind(docker, environment._name) == ""
    assert [each.name for each in tmp_path.iterdir()] == ["logs"]
    assert "Application startup complete" in (tmp_path / "logs" / "catalog.log").read_text()


HELD = """
import sys, time
from pathlib import Path
from twinshop.lab.shapes import parse
from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import EnvironmentOptions
options = EnvironmentOptions(cpus=1)
with open_environment(parse("mono"), "docker", Path(sys.argv[1]), Path(sys.argv[2]), options) as site:
    site.create(); site.start(); print(site._name, flush=True)
    time.sleep(600)
"""


def test_nothing_survives_ctrl_c(tmp_path, docker):
    command = [sys.executable, "-c", HELD, str(ROOT), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as lab:
        project = lab.stdout.readline().decode().strip()
        assert left_behind(docker, project) != ""
        for _ in range(2):
            os.killpg(lab.pid, signal.SIGINT)  # as a terminal does: to the lab and whatever it runs
            time.sleep(0.5)
        lab.communicate(timeout=60)

    assert left_behind(docker, project) == ""
    assert [each.name for each in tmp_path.iterdir()] == ["logs"]


def test_nothing_survives_a_lab_that_is_killed(tmp_path, docker):
    held = HELD.replace("site.start();", "site.start(); site.wait_ready(); site.pause('mono');")
    with subprocess.Popen([sys.executable, "-c", held, str(ROOT), str(tmp_path)], stdout=subprocess.PIPE) as lab:
        project = lab.stdout.readline().decode().strip()
        assert left_behind(docker, project) != ""
        lab.kill()

    assert wait_until(lambda: left_behind(docker, project) == "")
    assert wait_until(lambda: [each.name for each in tmp_path.iterdir()] == ["logs"])


def test_lab_up_carries_a_grouping():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shape = group(f"custom-{port}", [("storefront", "catalog", "payment", "translate"), ("cart",)], port)
    deployment = ComposeDeployment(shape, ROOT)
    try:
        assert deployment.up(300)
        assert plain_http.get(f"http://127.0.0.1:{port}/api/shape", timeout=30).json()["remote"] == ["cart"]
        assert not deployment.up(300)
        assert {each.name for each in deployment.ps()} == {
            *("storefront-catalog-payment-translate", "cart", "database", "redis", "edge")
        }
    finally:
        deployment.down(delete=True)


def test_options_that_could_not_take_effect_are_refused(tmp_path):
    options = EnvironmentOptions(replicas={"catalog": 2})
    with (
        pytest.raises(LabError, match="no process `catalog`; it has mono"),
        open_environment(parse("mono"), "docker", ROOT, tmp_path, options),
    ):
        pass
