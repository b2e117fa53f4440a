"""
A Swarm of one node, and the microservices as a stack on it.

An engine that leaves a Swarm forgets the names of all containers that run, those of Compose projects as well, until
they are started again. So these tests come last, and not where somebody else's containers would suffer.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from twinshop.testing import plain_http
from twinshop.testing.waiting import wait_until

ROOT = Path(__file__).parents[3]
SWARM = ROOT / "deploy" / "swarm"
STACK, TAG = "twinshop-test-swarm", "swarm-test"
LABEL = "twinshop-stores"
PATIENT = {
    "TWINSHOP_RATE_LIMIT": "0",
    "TWINSHOP_CALL_CONNECT_SECONDS": "15",
    "TWINSHOP_CALL_TIMEOUT_SECONDS": "15",
}
"""Two cores start ten processes beside the load: slow is not wrong."""
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
    name: str = STACK

    def deploy(self, *files, suffix="", **environment):
        options = [part for file in files for part in ("-c", SWARM / file)]
        environment = {**self.environment, **environment}
        self.docker("stack", "deploy", "--resolve-image", "never", *options, f"{STACK}{suffix}", **environment)

    def services(self):
        """Running and wanted tasks of each service; of a job, those that have ended well and are to."""
        rows = self.docker("stack", "services", STACK, "--format", "{{.Name}} {{.Replicas}}").splitlines()
        named = (row.removeprefix(f"{STACK}_").partition(" ") for row in rows)
        jobs = re.compile(r".*\((\S+) completed\)")  # `0/1 (1/1 completed)`
        return {name: (found[1] if (found := jobs.match(tasks)) else tasks.split()[0]) for name, _, tasks in named}

    def is_complete(self):
        counts = [each.split("/") for each in self.services().values()]
        return bool(counts) and all(running == wanted != "0" for running, wanted in counts)

    def inspect(self, service):
        return json.loads(self.docker("service", "inspect", f"{STACK}_{service}"))[0]

    def update(self, service):
        """How far the service's last update is; None before it has begun."""
        return self.inspect(service).get("UpdateStatus", {}).get("State")

    def image(self, service):
        return self.inspect(service)["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]

    def containers(self, service):
        return self.healthy(service, "{{.ID}}")

    def running_images(self, service):
        return set(self.healthy(service, "{{.Image}}"))

    def healthy(self, service, what):
        name = f"label=com.docker.swarm.service.name={STACK}_{service}"
        return self.docker("ps", "--format", what, "-f", name, "-f", "health=healthy").split()

    def addresses(self, service):
        """Of one of its tasks, on each of its networks."""
        (container,) = json.loads(self.docker("inspect", self.containers(service)[0]))
        return [each["IPAddress"] for each in container["NetworkSettings"]["Networks"].values()]

    def reaches(self, service, doors):
        """Those of the doors (address:port) that a task of the service can connect to."""
        return set(self.docker("exec", self.containers(service)[0], "python", "-c", PROBE, *doors).split())

    def logs(self, service):
        """What its containers wrote, on either stream; `docker service logs` may wait for tasks that have gone."""
        name = f"label=com.docker.swarm.service.name={STACK}{service}"
        commands = [["docker", "logs", each] for each in self.docker("ps", "-aq", "-f", name).split()]
        done = [subprocess.run(each, capture_output=True, text=True, check=False, timeout=60) for each in commands]
        return "".join(each.stdout + each.stderr for each in done)

    def change_image(self, component, version, line):
        """Another version of a component's image: with one more line in its Dockerfile. Returns the tag."""
        command = ["docker", "build", "-q", "-t", f"twinshop/{component}:{TAG}-{version}", "-"]
        dockerfile = f"FROM twinshop/{component}:{TAG}\n{line}\n"
        subprocess.run(command, input=dockerfile, text=True, check=True, capture_output=True, timeout=60)
        return f"{TAG}-{version}"

    def client(self):
        return plain_http.Client(base_url=self.url, timeout=30, follow_redirects=True)


@pytest.hookimpl(trylast=True)  # after the whole repository's hook, which moves the browser tests to the end
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: Path(__file__).parent in item.path.parents)


def strangers(docker):
    """Running containers of others whose names would be forgotten."""
    rows = [row.partition(" ") for row in docker("ps", "--format", "{{.Names}} {{.Networks}}").splitlines()]
    nobodys = ("twinshop-test-", "bridge", "host", "none")  # of these tests, or without names
    return [name for name, _, networks in rows if networks and not networks.startswith(nobodys)]


@pytest.fixture(scope="module")
def swarm(docker, micro):
    """Beside a Compose project that runs already."""
    was_there = docker("info", "-f", "{{.Swarm.LocalNodeState}}") == "active"
    if not was_there:
        if others := strangers(docker):
            pytest.skip(f"leaving a Swarm would take the names from containers that run: {', '.join(others)}")
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
def stack(docker, swarm, port):
    """With all replicas up."""
    subprocess.run(["make", "images", f"TAG={TAG}"], cwd=ROOT, check=True, capture_output=True, timeout=600)
    environment = {"STACK": STACK, "TAG": TAG, "TWINSHOP_PORT": str(port), **PATIENT}
    stack = Stack(docker, f"http://127.0.0.1:{port}", environment)
    try:
        subprocess.run([SWARM / "secrets.sh"], env={**os.environ, **environment}, check=True, timeout=60)
        stack.deploy("edge.yaml", "micro.yaml")
        wait_until(stack.is_complete, 180)
        wait_until(lambda: plain_http.get(f"{stack.url}/livez").status_code == 200)
        yield stack
    except BaseException:
        print(docker("stack", "ps", STACK, "--no-trunc", check=False))
        raise
    finally:
        remove(docker)


def remove(docker):
    """The stacks and all they leave behind: containers, volumes, secrets, tags."""
    docker("stack", "rm", f"{STACK}-load", STACK)

    def gone(kind, *filters):
        """Docker lets go of them one after the other."""
        names = docker(kind, "ls", "-q", *filters).split()
        if names:
            docker(kind, "rm", *names, check=False)
        return not names

    wait_until(lambda: gone("network", "-f", f"label=com.docker.stack.namespace={STACK}"), 90)
    wait_until(lambda: gone("volume", "-f", f"label=com.docker.stack.namespace={STACK}"), 90)
    wait_until(lambda: gone("secret", "-f", f"name={STACK}_"), 90)
    images = docker("image", "ls", "-f", f"reference=twinshop/*:{TAG}*", "--format", "{{.Repository}}:{{.Tag}}")
    docker("image", "rm", *images.split(), check=False)
