"""A stack on a real Swarm of one node: shopping, Locust, a rolling update under its load, a task that is killed."""

import json
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
SWARM = ROOT / "deploy" / "swarm"
STACK, TAG, NEXT = "twinshop-test-swarm", "swarm-test", "swarm-test-next"
COMPONENTS = ("storefront", "catalog", "cart", "payment", "translate")
LABEL = "twinshop-stores"
SHOPPERS = {"USERS": "6", "SPAWN_RATE": "6", "RUN_TIME": "30s", "WORKERS": "2"}
PROBE = """
import socket, sys
for door in sys.argv[1:]:
    host, port = door.split(":")
    try:
        socket.create_connection((host, int(port)), 2)
        print(door)
    except OSError:
        pass
"""


@dataclass
class Stack:
    """`docker` runs a command; `environment` is that of the stack's files."""

    docker: Any
    url: str
    environment: dict[str, str]

    def deploy(self, name, *files, **environment):
        options = [part for file in files for part in ("-c", SWARM / file)]
        environment = {**self.environment, **environment}
        self.docker("stack", "deploy", "--resolve-image", "never", *options, name, **environment)

    def services(self):
        """Running and wanted tasks of each service."""
        rows = self.docker("stack", "services", STACK, "--format", "{{.Name}} {{.Replicas}}").splitlines()
        return {row.split()[0].removeprefix(f"{STACK}_"): row.split()[1] for row in rows}

    def is_complete(self):
        counts = [each.split("/") for each in self.services().values()]
        return bool(counts) and all(running == wanted != "0" for running, wanted in counts)

    def inspect(self, service):
        return json.loads(self.docker("service", "inspect", f"{STACK}_{service}"))[0]

    def containers(self, service):
        name = f"label=com.docker.swarm.service.name={STACK}_{service}"
        return self.docker("ps", "-q", "-f", name, "-f", "health=healthy").split()

    def addresses(self, service):
        """Of one of its tasks, on each of its networks."""
        (container,) = json.loads(self.docker("inspect", self.containers(service)[0]))
        return [each["IPAddress"] for each in container["NetworkSettings"]["Networks"].values()]

    def reaches(self, service, doors):
        """Those of the doors (address:port) that a task of the service can connect to."""
        return set(self.docker("exec", self.containers(service)[0], "python", "-c", PROBE, *doors).split())

    def logs(self, service):
        """What it wrote, standard error as well."""
        command = ["docker", "service", "logs", "--raw", service]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stderr

    def client(self):
        return httpx.Client(base_url=self.url, timeout=30, follow_redirects=True)


@pytest.fixture(scope="module")
def swarm(docker):
    """A Swarm; one that was there before stays as it was."""
    was_there = docker("info", "-f", "{{.Swarm.LocalNodeState}}") == "active"
    if not was_there:
        docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:2377")
    node = docker("info", "-f", "{{.Swarm.NodeID}}")
    had_label = LABEL in docker("node", "inspect", "-f", "{{json .Spec.Labels}}", node)
    docker("node", "update", "--label-add", f"{LABEL}=yes", node)
    try:
        yield
    finally:
        if not was_there:
            docker("swarm", "leave", "--force")
            docker("network", "rm", "docker_gwbridge", check=False)
        elif not had_label:
            docker("node", "update", "--label-rm", LABEL, node)


@pytest.fixture(scope="module")
def stack(docker, swarm, port, eventually):
    """The microservices with all replicas up."""
    subprocess.run(["make", "images", f"TAG={TAG}"], cwd=ROOT, check=True, capture_output=True, timeout=600)
    environment = {"STACK": STACK, "TAG": TAG, "TWINSHOP_PORT": str(port), "TWINSHOP_RATE_LIMIT": "0"}
    stack = Stack(docker, f"http://127.0.0.1:{port}", environment)
    try:
        subprocess.run([SWARM / "secrets.sh"], env={**os.environ, **environment}, check=True, timeout=60)
        stack.deploy(STACK, "edge.yaml", "micro.yaml")
        eventually(stack.is_complete, 120)
        eventually(lambda: httpx.get(f"{stack.url}/livez").status_code == 200)
        yield stack
    except BaseException:
        print(docker("stack", "ps", STACK, "--no-trunc", check=False))
        raise
    finally:
        remove(docker, eventually)


def remove(docker, eventually):
    """The stacks and all they leave behind: containers, volumes, secrets, tags."""
    docker("stack", "rm", f"{STACK}-load", STACK)

    def gone(kind, *filters):
        """Docker lets go of them one after the other."""
        names = docker(kind, "ls", "-q", *filters).split()
        if names:
            docker(kind, "rm", *names, check=False)
        return not names

    eventually(lambda: gone("network", "-f", f"label=com.docker.stack.namespace={STACK}"), 90)
    eventually(lambda: gone("volume", "-f", f"label=com.docker.stack.namespace={STACK}"), 90)
    eventually(lambda: gone("secret", "-f", f"name={STACK}_"))
    for tag in (TAG, NEXT):
        images = docker("image", "ls", "-f", f"reference=twinshop/*:{tag}", "--format", "{{.Repository}}:{{.Tag}}")
        docker("image", "rm", *images.split(), check=False)


def test_the_shop_sells_and_every_component_has_replicas(stack, buy):
    with stack.client() as client:
        order = buy(client)
        history = client.get("/api/orders").json()

    assert (order.status_code, [each["id"] for each in history]) == (201, [order.json()["id"]])
    assert {stack.services()[component] for component in COMPONENTS} == {"2/2"}


def test_each_component_reaches_its_own_store_alone(stack):
    ports = {"catalog-db": 5432, "payment-db": 5432, "redis": 6379}
    doors = {f"{ip}:{port}": store for store, port in ports.items() for ip in stack.addresses(store)}
    reached = {each: {doors[door] for door in stack.reaches(each, doors)} for each in COMPONENTS}

    assert reached == {
        "storefront": set(),
        "catalog": {"catalog-db"},
        "cart": {"redis"},
        "payment": {"payment-db"},
        "translate": set(),
    }


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_has_no_way_out_and_no_privileges(stack, docker, component):
    container = stack.containers(component)[0]
    host = json.loads(docker("inspect", container))[0]["HostConfig"]
    routes = docker("exec", container, "cat", "/proc/net/route").splitlines()[1:]

    assert [route for route in routes if route.split()[1] == "00000000"] == []
    assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"])


def test_no_secret_is_in_the_description_of_a_service(stack, docker):
    for component in COMPONENTS:
        variables = stack.inspect(component)["Spec"]["TaskTemplate"]["ContainerSpec"]["Env"]
        assert not [each for each in variables if "SECRET" in each or "postgresql" in each]
    secret = docker("exec", stack.containers("catalog")[0], "cat", "/run/secrets/CATALOG_DATABASE_URL")
    assert secret.startswith("postgresql://twinshop:")
    assert secret not in docker("inspect", stack.containers("catalog")[0])


def test_a_new_version_replaces_the_old_one_under_shoppers_and_nobody_notices(stack, docker, eventually):
    for component in COMPONENTS:
        new = f"FROM twinshop/{component}:{TAG}\nLABEL version=next\n"
        subprocess.run(
            ["docker", "build", "-q", "-t", f"twinshop/{component}:{NEXT}", "-"],
            input=new, text=True, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
    failed, done = [], threading.Event()

    def ask():
        with stack.client() as client:
            while not done.wait(0.1):
                status = client.get("/").status_code
                if status != 200:
                    failed.append(status)

    asker = threading.Thread(target=ask)
    stack.deploy(f"{STACK}-load", "load.yaml", **SHOPPERS)
    asker.start()
    try:
        eventually(lambda: "All users spawned" in stack.logs(f"{STACK}-load_master"), 60)
        stack.deploy(STACK, "edge.yaml", "micro.yaml", TAG=NEXT)
        for component in COMPONENTS:
            eventually(lambda name=component: stack.inspect(name)["UpdateStatus"]["State"] == "completed", 120)
        state = ("service", "ps", f"{STACK}-load_master", "--format", "{{.CurrentState}}")
        eventually(lambda: docker(*state).split()[0] in {"Complete", "Failed"}, 120)
    finally:
        done.set()
        asker.join()
    said = stack.logs(f"{STACK}-load_master")

    # Locust fails when any answer was wrong, or an order that was accepted is not stored.
    assert docker(*state).startswith("Complete"), said[-3000:]
    assert "orders accepted 0," not in said
    assert failed == []
    for component in COMPONENTS:
        assert f":{NEXT}" in stack.inspect(component)["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]
        images = {docker("inspect", "-f", "{{.Config.Image}}", each) for each in stack.containers(component)}
        assert images == {f"twinshop/{component}:{NEXT}"}


def test_a_task_that_is_killed_is_replaced(stack, docker, eventually, sells):
    killed = stack.containers("payment")[0]
    os.kill(int(docker("inspect", "-f", "{{.State.Pid}}", killed)), 9)

    eventually(lambda: len(stack.containers("payment")) == 2 and killed not in stack.containers("payment"))
    eventually(lambda: sells(stack))


def test_a_compose_project_beside_it_is_left_alone(stack, micro, sells):
    assert sells(micro)
    assert sells(stack)
