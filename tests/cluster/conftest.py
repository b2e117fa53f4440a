"""
A cluster of yours. KUBECONFIG, LAB_CONTEXT, LAB_REGISTRY and LAB_TAG name it and the images, as for the lab.

Nodes whose ports this machine reaches (LAB_EXPOSE=node-port) show more: a forwarded port ends with its pod, so that
nothing can be said of the requests while pods are replaced.
"""

import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from twinshop.lab.environments.kubernetes.access import Access
from twinshop.lab.environments.kubernetes.kubectl import Kubectl, require_cluster
from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.shapes import parse
from twinshop.testing import plain_http
from twinshop.testing.purchases import purchase

ROOT = Path(__file__).parents[2]
REPLICAS = {"storefront": 2}


@pytest.fixture(scope="session")
def access():
    """Of a cluster that answers."""
    require_cluster(os.environ)
    return Access.of(os.environ)


@pytest.fixture
def nodes(access):
    """A test that needs the ports of the nodes."""
    if access.expose != "node-port":
        pytest.skip("LAB_EXPOSE=node-port would show it")


@pytest.fixture(scope="session")
def kubectl(access):
    """Speaks about a namespace."""
    return lambda namespace: Kubectl(access, namespace)


@pytest.fixture(scope="module")
def environment(access, tmp_path_factory):
    """The microservices, for all tests of a module; each leaves them as it found them."""
    options = EnvironmentOptions(faults=True, replicas=REPLICAS)
    with open_environment(parse("micro"), "cluster", ROOT, tmp_path_factory.mktemp("site"), options) as environment:
        environment.create()
        environment.start()
        environment.wait_ready(300)
        yield environment


@pytest.fixture(scope="session")
def client():
    return lambda url: plain_http.Client(
        base_url=url, timeout=30, follow_redirects=True, headers={"accept": "text/html"}
    )


@pytest.fixture
def sells(client):
    """Whether a new visitor can buy something now."""

    def tried(url):
        with client(url) as visitor:
            return purchase(visitor).status_code == 201

    return tried


@dataclass
class Seen:
    """What a visitor saw who asked for the front page every 0.1 s; `wrong` is what was no page."""

    asked: int = 0
    wrong: list[str] = field(default_factory=list)


@pytest.fixture
def watched():
    @contextmanager
    def watching(url):
        seen, over = Seen(), threading.Event()

        def ask_on():
            while not over.wait(0.1):
                try:
                    status = plain_http.get(f"{url}/livez", timeout=10).status_code
                except httpx.HTTPError as error:
                    status = type(error).__name__
                seen.asked += 1
                if status != 200:
                    seen.wrong.append(f"request {seen.asked}: {status}")

        asking = threading.Thread(target=ask_on)
        asking.start()
        try:
            yield seen
        finally:
            over.set()
            asking.join()

    return watching
