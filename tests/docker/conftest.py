"""Both shapes in real containers, under project names of their own, so that a shop that is up is left alone."""

import json
import os
import secrets
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from twinshop.testing import plain_http
from twinshop.testing.ports import free_port
from twinshop.testing.purchases import purchase

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    **os.environ,
    "TWINSHOP_SECRET": secrets.token_hex(16),
    "TWINSHOP_DB_PASSWORD": secrets.token_hex(16),
    "TWINSHOP_OWNER_PASSWORD": secrets.token_hex(16),
    "TWINSHOP_RATE_LIMIT": "0",  # test_edge.py has an edge of its own for it
}
UP_SECONDS = 300
SHAPES = ("micro", "mono")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""Each has Compose projects of its own."""
KEPT = ExitStack()
"""Ends the projects that tests of several files share."""


def run_docker(*arguments, check=True, **environment):
    """Run docker and give what it prints; a failure shows all of it."""
    run = subprocess.run(
        ["docker", *map(str, arguments)],
        cwd=ROOT,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if check and run.returncode != 0:
        pytest.fail(f"docker {' '.join(map(str, arguments))}\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}")
    return run.stdout.strip()


@dataclass
class Project:
    """A compose project that is up."""

    name: str
    files: tuple
    url: str
    environment: dict
    ended: bool = False

    def compose(self, *arguments, check=True):
        files = (part for file in self.files for part in ("-f", file))
        return run_docker("compose", "-p", self.name, *files, *arguments, check=check, **self.environment)

    def container(self, service):
        """Its id, asked of the engine itself: Compose takes ten times the processor time for it."""
        assert not self.ended, "a test of no group, or of another one, uses the project of a group"
        labels = (f"label=com.docker.compose.{key}" for key in (f"project={self.name}", f"service={service}"))
        return run_docker("ps", "-aq", "--no-trunc", *(part for label in labels for part in ("-f", label))).split()[0]

    def inside(self, service, *command, check=True):
        """What a command prints that runs in the service's container."""
        return run_docker("exec", self.container(service), *command, check=check)

    def inspect(self, service):
        return json.loads(run_docker("inspect", self.container(service)))[0]

    def crash(self, service):
        """Kill the container's first process from outside, as a crash would: the engine's own kill counts as a stop."""
        os.kill(self.inspect(service)["State"]["Pid"], 9)

    def client(self):
        return plain_http.Client(base_url=self.url, timeout=30, follow_redirects=True, headers={"accept": "text/html"})


@contextmanager
def compose_up(name, *files, **environment):
    port = free_port()
    variable = environment.pop("port_variable", "TWINSHOP_PORT")
    project = Project(name, files, f"http://127.0.0.1:{port}", {variable: str(port), **environment})
    try:
        project.compose("up", "--build", "--wait", "--wait-timeout", UP_SECONDS, "--quiet-pull", "-d")
        yield project
    except BaseException:
        print(project.compose("logs", "--tail", "40", check=False))
        raise
    finally:
        project.ended = True
        project.compose("down", "--volumes", "--timeout", "5", check=False)


@pytest.fixture(scope="session")
def secret_values():
    """What the compose projects of the tests were given as secrets."""
    return [ENVIRONMENT[name] for name in ("TWINSHOP_SECRET", "TWINSHOP_DB_PASSWORD", "TWINSHOP_OWNER_PASSWORD")]


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="session")
def docker():
    return run_docker


@pytest.fixture(scope="session")
def up():
    return compose_up


@pytest.fixture(scope="session")
def kept():
    with KEPT:
        yield KEPT


@pytest.fixture(scope="session")
def checked_rarely(tmp_path_factory):
    """A compose file by which stores are checked every 5 s: each check costs 50 ms of a processor."""

    def of(*stores):
        file = tmp_path_factory.mktemp("compose") / "compose.json"
        file.write_text(json.dumps({"services": {store: {"healthcheck": {"interval": "5s"}} for store in stores}}))
        return file

    return of


@pytest.fixture(scope="session")
def micro(kept, checked_rarely):
    files = ("compose/micro.yaml", checked_rarely("catalog-db", "payment-db", "redis"))
    return kept.enter_context(compose_up(f"twinshop-test-micro{WORKER}", *files))


@pytest.fixture(scope="session")
def mono(kept, checked_rarely):
    more = {"MONO_WORKERS": "2", "TWINSHOP_FAULT_TOKEN": secrets.token_hex(16)}
    files = ("compose/mono.yaml", checked_rarely("database", "redis"))
    return kept.enter_context(compose_up(f"twinshop-test-mono{WORKER}", *files, **more))


@pytest.fixture(params=["mono", "micro"])
def shop(request):
    """Each shape in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def buy():
    return purchase


@pytest.fixture
def sells(buy):
    """Whether a new visitor can buy something now."""

    def tried(shop):
        with shop.client() as client:
            return buy(client).status_code == 201

    return tried


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests of a shape's project go to one worker, which starts it once; those of both shapes go with micro's."""
    for item in items:
        if Path(__file__).parent == item.path.parent:
            values = item.callspec.params.values() if hasattr(item, "callspec") else ()
            used = {*item.fixturenames, *(value for value in values if isinstance(value, str))}
            if shape := next((shape for shape in SHAPES if shape in used), None):
                item.add_marker(pytest.mark.xdist_group(f"compose: {shape}"))


def group_of(item):
    marker = item.get_closest_marker("xdist_group")
    return marker and marker.args[0]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """
    End a group's projects with its last test.

    Health checks of an idle shop use a fifth of a core.
    """
    if nextitem is not None and group_of(item) != group_of(nextitem):
        KEPT.close()
