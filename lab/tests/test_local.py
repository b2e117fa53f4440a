"""The local runtime: a real supervisor, real Redis, small programs in place of the components."""

import contextlib
import json
import os
import signal
import socket
import threading
import time

import psutil
import pytest

from twinshop.lab.environments.local import supervise
from twinshop.lab.environments.local.lifecycle import LocalDeployment
from twinshop.lab.environments.local.supervision import Supervision
from twinshop.lab.errors import LabError
from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration

SECONDS = 60


def states(deployment):
    return {each.name: each.state for each in deployment.ps()}


def pids(deployment):
    return {each.name: each.pid for each in deployment.ps()}


def supervisor_pid(root):
    return json.loads((root / ".run" / "test" / "supervisor.json").read_text())["pid"]


@pytest.fixture
def up(local):
    local.up(SECONDS)
    return local


def test_everything_is_ready_when_up_returns(local):
    assert local.up(SECONDS)
    assert states(local) == dict.fromkeys(["storefront", "catalog-cart-payment-translate", "redis"], "ready")


def test_ps_says_what_a_process_hosts(up):
    details = {each.name: each.detail for each in up.ps()}
    assert details["catalog-cart-payment-translate"] == "catalog, cart, payment, translate"


def test_up_again_leaves_the_shop_as_it_is(up):
    before = pids(up)
    assert not up.up(SECONDS)
    assert pids(up) == before


def test_another_object_sees_the_same_shop(up, root, shape):
    assert pids(LocalDeployment(shape, root)) == pids(up)


def test_nothing_is_left_running_after_down(up, root):
    before = [supervisor_pid(root), *filter(None, pids(up).values())]
    assert len(before) == 4
    assert up.down()
    assert [pid for pid in before if psutil.pid_exists(pid)] == []
    assert set(states(up).values()) == {"stopped"}


def test_down_finds_children_that_left_their_process(local, monkeypatch):
    monkeypatch.setenv("FAKE_STOREFRONT", "child")
    local.up(SECONDS)
    (child,) = psutil.Process(pids(local)["storefront"]).children()
    local.down()
    assert not child.is_running()


def test_down_finds_the_processes_of_a_killed_supervisor(up, root):
    orphans = [psutil.Process(pid) for pid in pids(up).values()]
    os.kill(supervisor_pid(root), signal.SIGKILL)
    assert up.down()
    assert [orphan for orphan in orphans if orphan.is_running()] == []


def test_down_of_what_does_not_run_says_so(up):
    up.down()
    assert not up.down()


def test_a_killed_component_comes_back(up):
    before = pids(up)["storefront"]
    os.kill(before, signal.SIGKILL)
    while pids(up)["storefront"] in (before, None):
        time.sleep(0.05)
    up.wait(SECONDS)
    assert states(up)["storefront"] == "ready"


def test_up_mends_a_shop_that_is_not_whole(up, said):
    stopped = psutil.Process(pids(up)["redis"])
    stopped.suspend()
    assert up.up(SECONDS)
    assert "is running in part" in said[0]
    assert not stopped.is_running()


def test_a_crash_is_told_with_the_last_log_lines_and_nothing_stays_behind(local, root, monkeypatch):
    monkeypatch.setenv("FAKE_STOREFRONT", "crash")
    with pytest.raises(LabError) as caught:
        local.up(SECONDS)
    message = str(caught.value)
    assert "storefront crashed. The last lines of .run/test/logs/storefront.log:" in message
    assert "    ValueError: no such setting" in message
    assert "Everything was stopped again; the logs are in .run/test/logs" in message
    assert Supervision(root / ".run" / "test").strays() == []


def test_what_is_not_ready_in_time_is_told_in_its_own_words(local, monkeypatch):
    monkeypatch.setenv("FAKE_CATALOG", "unready")
    with pytest.raises(LabError, match="catalog: database locked; cart: database locked"):
        local.up(3)


def test_a_taken_port_is_told_with_its_holder(local, shape):
    with socket.create_server(("127.0.0.1", shape.port)):
        with pytest.raises(LabError) as caught:
            local.up(SECONDS)
        assert f"Port {shape.port}, needed by storefront, is in use by process {os.getpid()} (" in str(caught.value)


def test_waiting_for_a_shop_that_does_not_run_fails_at_once(local):
    with pytest.raises(LabError, match="test on the local runtime is not running"):
        local.wait(SECONDS)


def test_logs_show_each_part_under_its_name(up, capfd):
    up.logs(["storefront"])
    assert capfd.readouterr().out == "test/storefront | this is storefront\n"


def test_logs_of_a_component_are_those_of_the_process_that_hosts_it(up, capfd):
    up.logs(["payment"])
    assert "this is catalog" in capfd.readouterr().out


def test_logs_of_an_unknown_component_are_refused(up):
    with pytest.raises(LabError, match="has no `search`; it has storefront, catalog-cart-payment-translate, redis"):
        up.logs(["search"])


def test_following_the_logs_ends_with_the_shop(up, capfd):
    following = threading.Thread(target=up.logs, kwargs={"follow": True}, daemon=True)
    following.start()
    up.down()
    following.join(SECONDS)
    assert not following.is_alive()
    assert "bye bye" in capfd.readouterr().out  # what Redis says at the very end


def test_logs_of_the_last_run_are_kept_when_the_next_one_starts(up, root):
    up.down()
    up.up(SECONDS)
    assert (root / ".run" / "test" / "logs.previous" / "storefront.log").read_text() == "this is storefront\n"


def test_the_secret_is_only_in_the_environment_and_in_a_file_nobody_else_may_read(up, root):
    file = root / ".run" / "secret"
    secret = file.read_text().strip()
    assert file.stat().st_mode & 0o777 == 0o600
    assert psutil.Process(pids(up)["storefront"]).environ()["STOREFRONT_SECRET"] == secret
    written = [file for file in (root / ".run" / "test").rglob("*") if file.is_file()]
    assert [file for file in written if secret.encode() in file.read_bytes()] == []


def test_the_secret_stays_the_same(up, root):
    before = (root / ".run" / "secret").read_text()
    up.down()
    up.up(SECONDS)
    assert (root / ".run" / "secret").read_text() == before


def test_addresses_in_the_callers_shell_do_not_reach_the_components(local, monkeypatch):
    monkeypatch.setenv("CART_REDIS_URL", "redis://elsewhere")
    local.up(SECONDS)
    variables = psutil.Process(pids(local)["storefront"]).environ()
    assert "CART_REDIS_URL" not in variables


def test_carts_outlive_a_restart(up, shape):
    def redis(command):
        with contextlib.closing(socket.create_connection(("127.0.0.1", shape.redis_port))) as connection:
            connection.sendall(command)
            return connection.recv(100)

    assert redis(b"SET cart full\r\n") == b"+OK\r\n"
    up.down()
    up.up(SECONDS)
    assert redis(b"GET cart\r\n") == b"$4\r\nfull\r\n"


def test_down_with_delete_removes_the_data(up, root):
    up.down(delete=True)
    assert not (root / ".run" / "test").exists()


def test_a_long_log_is_put_aside_while_it_is_written(up, root):
    """The program has the file open all the time."""
    log = root / ".run" / "test" / "logs" / "storefront.log"
    with log.open("ab") as file:
        file.write(b"x" * supervise.MOST_LOG_BYTES)
    wait_until(lambda: log.with_name("storefront.log.1").exists() and log.stat().st_size == 0)
    assert log.with_name("storefront.log.1").stat().st_size > supervise.MOST_LOG_BYTES
