"""The kustomizations of deploy/kubernetes, brought up as docs/kubernetes.md says, with stores in another namespace."""

import re
import secrets
import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from twinshop.contracts.components import NAMES
from twinshop.lab.environments.kubernetes import stores
from twinshop.lab.environments.kubernetes.forwards import Forward
from twinshop.lab.environments.kubernetes.kubectl import Kubectl
from twinshop.lab.shapes import parse
from twinshop.testing import plain_http
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]
ROOT = Path(__file__).parents[2]
SHAPE = parse("micro")
STORES, SHOP, LOAD = "twinshop-test-stores", "twinshop", "twinshop-load"
LOAD_SECONDS = 20


@dataclass
class Shop:
    """`folder` is a copy of deploy/kubernetes with the registry's images and secrets in it."""

    folder: Path
    shop: Kubectl
    load: Kubectl

    def apply(self, folder):
        self.shop.run("apply", "-k", str(self.folder / folder), seconds=120)

    def rolled_out(self, deployment, seconds=240):
        self.shop.run("rollout", "status", f"deployment/{deployment}", f"--timeout={seconds}s", seconds=seconds)


def set_images(folder, access):
    """As `kustomize edit set image` would: the registry and the tag of all images."""
    for file in [*folder.glob("overlays/*/kustomization.yaml"), folder / "load" / "kustomization.yaml"]:
        ours = rf"{{name: \1, newName: {access.registry}\1, newTag: {access.tag}}}"
        file.write_text(re.sub(r"\{name: (twinshop/\w+), newTag: [^}]+\}", ours, file.read_text()))


def make_stores(kubectl):
    """PostgreSQL and Redis as somebody else would run them; returns the Secrets with their addresses, by name."""
    found = stores.secrets(SHAPE, secrets.token_hex(16), secrets.token_hex(16))
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "twinshop-stores"},
        "stringData": found.pop("twinshop-stores"),
    }
    kubectl.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": STORES}})
    made = [each for each in stores.stores(SHAPE, ROOT) if each["kind"] != "NetworkPolicy"]
    for each in made:
        if each["kind"] == "Deployment":
            each["spec"]["replicas"] = 1
    kubectl.create(*({**each, "metadata": {**each["metadata"], "namespace": STORES}} for each in [secret, *made]))
    for service in (each["metadata"]["name"] for each in made if each["kind"] == "Service"):
        for values in found.values():
            for key, url in values.items():
                values[key] = re.sub(rf"(?<=[@/]){service}(?=[/:])", f"{service}.{STORES}", url)
    return found


@pytest.fixture(scope="module")
def shop(access, kubectl, tmp_path_factory):
    """The microservices, up."""
    for namespace in (STORES, SHOP, LOAD):
        if kubectl("default").one("namespace", namespace) is not None:
            pytest.skip(f"the cluster has a namespace {namespace} already")
    folder = tmp_path_factory.mktemp("deploy") / "kubernetes"
    shutil.copytree(ROOT / "deploy" / "kubernetes", folder)
    set_images(folder, access)
    shop = Shop(folder, kubectl(SHOP), kubectl(LOAD))
    try:
        found = make_stores(kubectl(STORES))
        found["twinshop-storefront"] = {"STOREFRONT_SECRET": secrets.token_hex(32)}
        found["twinshop-calls"] = {"TWINSHOP_CALL_KEY": secrets.token_hex(32)}
        for name, values in found.items():
            text = "".join(f"{key}={value}\n" for key, value in values.items())
            (folder / "secrets" / f"{name.removeprefix('twinshop-')}.env").write_text(text)
        shop.shop.run("apply", "-f", str(folder / "shop" / "namespace.yaml"))
        shop.apply("secrets")
        shop.apply("overlays/micro")
        for component in NAMES:
            shop.rolled_out(f"twinshop-{component}")
        if access.expose == "node-port":
            shop.shop.patch("service", "twinshop", {"spec": {"type": "NodePort"}})
        yield shop
    except BaseException:
        print(shop.shop.run("get", "pods,events"))
        raise
    finally:
        for namespace in (LOAD, SHOP, STORES):
            kubectl(namespace).delete_namespace()


@pytest.fixture
def door(shop):
    """The shop through a forwarded port."""
    with closing(Forward(shop.shop, "service/twinshop")) as forward:
        yield forward.url


@pytest.fixture
def address(shop, nodes):
    """The shop at the port of a node."""
    port = shop.shop.one("service", "twinshop")["spec"]["ports"][0]["nodePort"]
    (node, *_) = shop.shop.items("nodes")
    host = next(each["address"] for each in node["status"]["addresses"] if each["type"] == "InternalIP")
    return f"http://{host}:{port}"


def test_the_shop_sells_and_the_autoscalers_ask_for_two_of_each(shop, door, sells):
    assert sells(door)
    wait_until(lambda: {name: ready_of(shop, name) for name in NAMES} == dict.fromkeys(NAMES, 2))
    assert len(shop.shop.items("poddisruptionbudgets")) == 5


def ready_of(shop, component):
    return shop.shop.one("deployment", f"twinshop-{component}")["status"].get("readyReplicas", 0)


def test_a_rolling_update_of_everything_loses_no_request(shop, address, watched, sells):
    with watched(address) as seen:
        for component in NAMES:
            shop.shop.run("rollout", "restart", f"deployment/twinshop-{component}")
        for component in NAMES:
            shop.rolled_out(f"twinshop-{component}")

    assert seen.asked > 50
    assert seen.wrong == []
    assert sells(address)


def test_a_pod_that_is_deleted_is_replaced_and_visitors_notice_nothing(shop, address, watched):
    label = "app.kubernetes.io/component=storefront"
    names = {each["metadata"]["name"] for each in shop.shop.items("pods", "--selector", label)}
    gone = min(names)
    with watched(address) as seen:
        shop.shop.run("delete", "pod", gone, "--wait=false")
        wait_until(lambda: gone not in str(shop.shop.items("pods", "--selector", label)))
        wait_until(lambda: ready_of(shop, "storefront") == 2)

    assert seen.wrong == []


def test_locust_loads_it_from_its_workers_and_every_order_that_was_accepted_is_stored(shop):
    shop.load.run("apply", "-k", str(shop.folder / "load"), seconds=120)
    for name in ("locust-master", "locust-worker"):
        shop.load.run("rollout", "status", f"deployment/{name}", "--timeout=180s", seconds=180)
    with (
        closing(Forward(shop.load, "service/locust-master", to=8089)) as forward,
        plain_http.Client(base_url=forward.url, timeout=30) as page,
    ):

        def now():
            return page.get("/stats/requests").raise_for_status().json()

        wait_until(lambda: len(now()["workers"]) == 2)
        form = {"user_count": 6, "spawn_rate": 6, "host": "http://twinshop.twinshop:8000"}
        assert page.post("/swarm", data=form).json()["success"]
        wait_until(lambda: now()["user_count"] == 6)
        time.sleep(LOAD_SECONDS)
        page.post("/stop")
        wait_until(lambda: now()["user_count"] == 0)
        stats = now()
    total = next(each for each in stats["stats"] if each["name"] == "Aggregated")
    logs = shop.load.run("logs", "deployment/locust-master")
    print(logs[-3000:], stats["state"])

    assert total["num_requests"] > 50
    assert total["num_failures"] == 0, stats["errors"]
    assert "WRONG" not in logs
