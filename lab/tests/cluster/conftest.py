"""A fake cluster with a kubeconfig, and a shop's door behind the port of its node."""

import json
import os
import shutil
import sys
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from twinshop.lab.environments.kubernetes.access import CONTEXT, EXPOSE, KUBECONFIG, REGISTRY, TAG
from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.shapes import parse

from .fake_cluster import FakeCluster

ROOT = Path(__file__).parents[3]


def kubeconfig(folder, server, context="fake"):
    file = folder / "kubeconfig"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "clusters": [{"name": "fake", "cluster": {"server": server}}],
        "users": [{"name": "somebody", "user": {}}],
        "contexts": [{"name": context, "context": {"cluster": "fake", "user": "somebody"}}],
    }
    file.write_text(json.dumps(config))
    return file


@contextmanager
def nothing_meant(monkeypatch, folder):
    """No cluster is meant, and whatever a command remembers is forgotten afterwards."""
    for variable in (KUBECONFIG, CONTEXT, REGISTRY, TAG, EXPOSE):
        monkeypatch.setenv(variable, "")
    monkeypatch.setenv("HOME", str(folder))
    # the kubectl of the lock file, where it has one for this machine
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("NO_PROXY", "*")
    checkout = folder / "checkout"
    (checkout / "lab").mkdir(parents=True)
    (checkout / "uv.lock").touch()
    shutil.copytree(ROOT / "deploy", checkout / "deploy")
    shutil.copytree(ROOT / "compose", checkout / "compose")
    monkeypatch.chdir(checkout)
    yield folder


@contextmanager
def door_open():
    """A port of this machine at which everything is answered with 200."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def mean(monkeypatch, folder, cluster, door):
    """The kubeconfig of the fake cluster, which everything means from now on; its shops are behind the node's port."""
    cluster.node_port = door
    cluster.objects["nodes", None, "node"] = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "node", "uid": "node"},
        "status": {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}]},
    }
    file = kubeconfig(folder, cluster.url)
    monkeypatch.setenv(KUBECONFIG, str(file))
    monkeypatch.setenv(EXPOSE, "node-port")
    return file


@pytest.fixture
def settings(monkeypatch, tmp_path):
    with nothing_meant(monkeypatch, tmp_path) as folder:
        yield folder


@pytest.fixture
def cluster():
    with closing(FakeCluster()) as cluster:
        yield cluster


@pytest.fixture
def door():
    with door_open() as port:
        yield port


@pytest.fixture
def config(settings, cluster, door, monkeypatch):
    return mean(monkeypatch, settings, cluster, door)


@pytest.fixture
def opened(config, tmp_path):
    """Opens an environment of a shape on the fake cluster."""

    def at(shape="mono", **options):
        return open_environment(parse(shape), "cluster", ROOT, tmp_path / "site", EnvironmentOptions(**options))

    return at


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """An environment of the microservices on which everything is ready, and its cluster."""
    folder = tmp_path_factory.mktemp("started")
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        nothing_meant(monkeypatch, folder),
        closing(FakeCluster()) as cluster,
        door_open() as door,
    ):
        mean(monkeypatch, folder, cluster, door)
        with open_environment(parse("micro"), "cluster", ROOT, folder / "site", EnvironmentOptions()) as environment:
            environment.create()
            environment.start()
            environment.wait_ready(60)
            yield environment, cluster


@pytest.fixture
def path_first(monkeypatch):
    """Puts a folder of commands before all others."""
    return lambda folder: monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
