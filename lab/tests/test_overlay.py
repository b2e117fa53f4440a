"""What an environment adds to its shape's compose file, and small parts of environments that need no container."""

import socket
from pathlib import Path

import pytest

from twinshop.contracts.components import NAMES
from twinshop.lab.environments import setup
from twinshop.lab.environments.docker.compose_file import compose
from twinshop.lab.environments.docker.overlay import overlay
from twinshop.lab.environments.protocol import EnvironmentOptions, Usage
from twinshop.lab.environments.reserved_ports import ReservedPorts
from twinshop.lab.environments.usage import total, traffic
from twinshop.lab.shapes import MICRO, MONO, parse
from twinshop.testing.groupings import grouping

ROOT = Path(__file__).parents[2]
CATALOGUE = Path("/somewhere/catalogue.json")


def added(shape, parent=None, faults=None, **options):
    chosen = EnvironmentOptions(**options)
    shape = setup.with_workers(shape, chosen)
    return overlay(shape, compose(shape, ROOT), chosen, CATALOGUE, parent=parent, fault_folder=faults)["services"]


def test_everything_of_the_shop_is_in_the_budget_and_on_its_processors():
    services = added(MICRO, parent="/shop", cores=(0, 2))

    assert set(services) == {
        *NAMES,
        *("catalog-db", "payment-db", "redis", "edge"),
        *("catalog-migration", "payment-migration"),
    }
    assert {(each["cpuset"], each["cgroup_parent"]) for each in services.values()} == {("0,2", "/shop")}


def test_without_such_options_stores_and_edge_only_lose_the_limits_of_the_compose_files():
    services = added(MONO)
    assert [services[name] for name in ("database", "redis", "edge")] == [{"mem_limit": 0, "pids_limit": 0}] * 3


def test_each_process_publishes_a_port_on_the_loopback_interface_alone():
    assert {name: each.get("ports") for name, each in added(MONO).items() if "ports" in each} == {
        "monolith": [{"target": 8000, "host_ip": "127.0.0.1"}]
    }


def test_no_process_is_charged_with_health_checks_and_components_still_wait_for_their_stores():
    services = added(MICRO)

    assert {name: each["healthcheck"] for name, each in services.items() if "healthcheck" in each} == {
        name: {"disable": True} for name in NAMES
    }


def test_workers_replicas_and_variables_reach_the_service_of_the_process():
    mono = added(MONO, workers={"mono": 3}, replicas={"mono": 2}, environment={"CATALOG_X": "costs $5"})["monolith"]

    assert mono["environment"]["TWINSHOP_WORKERS"] == "3"
    assert mono["environment"]["CATALOG_X"] == "costs $$5"  # which Compose reads as one dollar sign
    assert mono["deploy"]["replicas"] == 2


def test_every_process_sees_the_stocked_catalogue():
    for part in ("storefront-cart", "catalog", "payment-translate"):
        service = added(parse(grouping("storefront+cart", "catalog", "payment+translate")))[part]
        (volume,) = service["volumes"]
        assert (volume["source"], volume["read_only"]) == (str(CATALOGUE), True)
        assert service["environment"]["CATALOG_DATA"] == volume["target"]


def test_the_folder_of_the_faults_is_mounted_so_that_it_can_be_written_to():
    service = added(MONO, faults=Path("/somewhere/faults"))["monolith"]
    assert service["volumes"][1] == {
        "type": "bind",
        "source": "/somewhere/faults",
        "target": "/run/faults",
        "read_only": False,
    }
    assert service["environment"]["TWINSHOP_FAULT_FOLDER"] == "/run/faults"


def test_each_store_has_a_disk_of_its_own_where_it_is_to_be_filled():
    chosen = EnvironmentOptions(disk_bytes=2**20)
    text = overlay(MICRO, compose(MICRO, ROOT), chosen, CATALOGUE)

    assert set(text["volumes"]) == {"catalog-db", "payment-db", "redis"}
    assert {each["driver_opts"]["o"] for each in text["volumes"].values()} == {"size=1048576,mode=1777"}
    assert text["services"]["disks"]["volumes"] == [f"{store}:/disks/{store}" for store in text["volumes"]]
    assert "volumes" not in overlay(MICRO, compose(MICRO, ROOT), EnvironmentOptions(), CATALOGUE)


def test_the_settings_of_the_shop_in_the_callers_shell_do_not_reach_a_site():
    shell = {"PATH": "/bin", "TWINSHOP_CALL_RETRIES": "9", "CATALOG_DATA": "/x", "CATALOGUE": "mine"}
    assert setup.inherited(shell) == {"PATH": "/bin", "CATALOGUE": "mine"}


def test_traffic_is_that_of_all_interfaces_but_the_loopback():
    table = (
        "Inter-|   Receive                                                |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls\n"
        "    lo: 9999 1 0 0 0 0 0 0 9999 1 0 0 0 0 0 0\n"
        "  eth0: 1200 4 0 0 0 0 0 0 300 3 0 0 0 0 0 0\n"
        "  eth1:   34 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n"
    )
    assert traffic(table) == (1234, 305)


def test_what_not_all_parts_tell_is_not_told_of_the_whole():
    known = Usage(1.5, 100, "cgroup", peak_memory_bytes=200, received_bytes=7, starts=1)
    unknown = Usage(0.5, 50, "cgroup", peak_memory_bytes=60)

    assert total([known, unknown], "cgroup") == Usage(2.0, 150, "cgroup", peak_memory_bytes=260, starts=1)
    assert total([], "pss") == Usage(0, 0, "pss")


@pytest.mark.integration
def test_a_held_port_is_for_our_server_only():
    held = ReservedPorts()
    port = held.take()
    try:
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", port))
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", port))
            server.listen()
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                assert server.accept()[0].close() is None
    finally:
        held.release()
    with socket.socket() as anybody:
        anybody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        anybody.bind(("127.0.0.1", port))
