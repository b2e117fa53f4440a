"""What an attacker finds on the network beside, inside a container and in an image. docs/security.md says why."""

import json
import subprocess

import pytest

from twinshop.contracts.components import NAMES
from twinshop.testing import plain_http
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
STORES = {"catalog-db": 5432, "payment-db": 5432, "redis": 6379}
DOORS = dict.fromkeys((*NAMES, "edge"), 8000) | STORES

ATTEMPTS = {
    "write into the root": "open('/evil', 'w')",
    "change the code": "open('/code/evil.py', 'w')",
    "change a package": "open('/app/evil.py', 'w')",
    "become root": "os.setuid(0)",
    "give a file away": "os.chown('/tmp', 0, 0)",
    "read the passwords": "open('/etc/shadow')",
    "listen to the network": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "write to /tmp": "open('/tmp/fine', 'w')",
}
INSIDE = f"""
import json, os, socket
failed = []
for what, code in {ATTEMPTS!r}.items():
    try:
        exec(code)
    except OSError:
        failed.append(what)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps([failed, {{name: status[name].strip() for name in ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp")}}]))
"""
PROBE = """
import socket, sys
from concurrent.futures import ThreadPoolExecutor
def reached(door):
    try:
        socket.create_connection(door.split(":"), 3).close()
        return door
    except OSError:
        return ""
print(*ThreadPoolExecutor(20).map(reached, sys.argv[1:]))
"""
FILES = """
import os
for top in ("/app", "/code", "/loadtests", "/tmp"):
    for at, _, names in os.walk(top):
        print(*(os.path.join(at, name) for name in names))
"""


def address(micro, service):
    (network,) = micro.inspect(service)["NetworkSettings"]["Networks"].values()
    return network["IPAddress"]


@pytest.mark.parametrize("service", [*NAMES, "monolith"])
def test_whoever_gets_into_a_container_can_change_nothing_but_its_tmp(micro, mono, docker, service):
    shape = mono if service == "monolith" else micro
    failed, status = json.loads(shape.inside(service, "python", "-c", INSIDE))

    assert failed == [attempt for attempt in ATTEMPTS if attempt != "write to /tmp"]
    assert (int(status["CapEff"], 16), int(status["CapBnd"], 16)) == (0, 0)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_the_edge_can_write_nothing_and_has_no_capabilities(shop):
    host = shop.inspect("edge")["HostConfig"]

    assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"])
    assert any(each.startswith("no-new-privileges") for each in host["SecurityOpt"])


def test_the_shop_needs_no_shell(mono, docker):
    """All components, and the translation engine, with every shell replaced by nothing."""
    shells = [part for name in ("dash", "bash") for part in ("-v", f"/dev/null:/usr/bin/{name}:ro")]
    hardened = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true")
    shop = docker(
        *("run", "-d", "--rm", *hardened, *shells, "-p", "127.0.0.1::8000"),
        *("-e", "STOREFRONT_SECRET=0123456789abcdef", "twinshop/monolith"),
    )
    try:
        url = "http://" + docker("port", shop, "8000").splitlines()[0]
        wait_until(lambda: plain_http.get(f"{url}/api/products").status_code == 200)
        body = {"texts": ["The dog sleeps in the kitchen."], "target": "es"}
        wait_until(lambda: "perro" in plain_http.post(f"{url}/api/translate", json=body, timeout=10).text)
        assert subprocess.run(["docker", "exec", shop, "sh", "-c", "true"], capture_output=True, check=False).returncode
    finally:
        docker("rm", "-f", shop)


def test_only_the_edge_is_published_and_on_this_machine_alone(micro):
    for service in DOORS:
        published = [each for each in micro.inspect(service)["NetworkSettings"]["Ports"].values() if each]
        addresses = {binding["HostIp"] for bindings in published for binding in bindings}
        assert addresses == ({"127.0.0.1"} if service == "edge" else set())


def test_from_another_network_nothing_can_be_reached(micro, docker):
    doors = {f"{address(micro, service)}:{port}": service for service, port in DOORS.items()}
    own = next(iter(micro.inspect("edge")["NetworkSettings"]["Networks"]))

    def reached_from(network):
        probe = ("run", "--rm", "--network", network, "twinshop/cart", "python", "-c", PROBE, *doors)
        return {doors[door] for door in docker(*probe).split()}

    docker("network", "create", "twinshop-test-beside")
    try:
        assert reached_from(own) == set(doors.values())
        assert reached_from("twinshop-test-beside") == set()
    finally:
        docker("network", "rm", "twinshop-test-beside")


@pytest.fixture(scope="module")
def images(micro, mono, docker):
    """Of the shop and of its shoppers: all are there."""
    docker("build", "-q", "-f", "loadtests/Dockerfile", "-t", "twinshop/loadtests", ".")


@pytest.mark.parametrize("image", [*NAMES, "monolith", "loadtests"])
def test_no_secret_is_in_an_image_or_its_history(images, docker, secret_values, image):
    name = f"twinshop/{image}"
    told = docker("history", "--no-trunc", name) + docker("image", "inspect", name)
    files = docker("run", "--rm", "--network", "none", name, "python", "-c", FILES).split()

    assert not any(secret in told for secret in secret_values)
    assert not any(word in told.upper() for word in ("SECRET=", "PASSWORD=", "TOKEN="))
    assert json.loads(docker("image", "inspect", name))[0]["Config"]["User"] == "10001:10001"
    assert len(files) > 100
    files = [file for file in files if "/site-packages/gevent/tests/" not in file]  # has keys for its own tests
    assert [file for file in files if file.endswith((".env", ".key")) or "/.git/" in file or "/.run/" in file] == []
