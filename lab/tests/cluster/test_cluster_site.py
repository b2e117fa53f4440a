"""An environment on a cluster, as the real kubectl makes it on a fake one."""

from pathlib import Path

import pytest

from twinshop.lab.environments import removal
from twinshop.lab.environments.kubernetes.access import Access
from twinshop.lab.environments.kubernetes.environment import KubernetesEnvironment
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.environments.request import ask
from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.shapes import COMPONENTS, parse
from twinshop.testing.groupings import grouping

from .fake_cluster import container_of, pods_of

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
GROUPING = grouping("storefront+cart", "catalog+payment")
STORES = {
    "mono": {"database", "redis"},
    "micro": {"catalog-db", "payment-db", "redis"},
    GROUPING: {"database", "redis"},
}


@pytest.mark.parametrize("shape", ["mono", "micro", GROUPING])
def test_a_shape_lives_in_a_namespace_of_its_own_and_leaves_nothing(opened, cluster, shape):
    before = dict(cluster.objects)
    with opened(shape) as environment:
        environment.create()
        created = set(cluster.of("namespaces"))
        assert cluster.of("pods") == {}, "nothing starts before it is told to"
        since = environment.start()
        ready = environment.wait_ready(60)
        running = cluster.of("pods", environment.namespace)

        assert created == {environment.namespace}
        assert ready > since
        assert len(running) == len(environment.parts())
        assert set(environment.parts()) - {process.name for process in environment.shape.processes} == STORES[shape]
        assert {environment.hosts(component) for component in COMPONENTS} == {
            each.name for each in environment.shape.processes
        }
        assert ask(environment.url, "/livez", seconds=5).ok

    assert cluster.objects == before
    assert {file.stem for file in (environment.folder / "logs").iterdir()} == set(environment.parts())
    assert "says hello" in (environment.folder / "logs" / "redis.log").read_text()


def test_a_process_gets_its_stores_the_stock_and_what_the_options_say(opened, cluster):
    variables = {"TWINSHOP_CALL_RETRIES": "2"}
    with opened(
        "micro", environment=variables, workers={"catalog": 3}, replicas={"cart": 2}, faults=True
    ) as environment:
        environment.create()
        environment.start()
        catalog = {each["name"]: each for each in container_of(cluster, "twinshop-catalog")["env"]}
        secrets = cluster.of("secrets", environment.namespace)
        cart = pods_of(cluster, "cart")

        assert catalog["TWINSHOP_WORKERS"]["value"] == "3"
        assert catalog["TWINSHOP_CALL_RETRIES"]["value"] == "2"
        assert catalog["TWINSHOP_FAULT_TOKEN"]["valueFrom"]["secretKeyRef"]["name"] == "twinshop-faults"
        assert secrets["twinshop-faults"]["stringData"] == {"TWINSHOP_FAULT_TOKEN": environment.token}
        assert "@catalog-db/shop" in secrets["twinshop-catalog"]["stringData"]["CATALOG_DATABASE_URL"]
        assert '"stock": 1000000' in cluster.of("configmaps")["catalogue"]["data"]["catalogue.json"]
        assert len(cart) == 2


def test_images_come_from_the_registry_that_is_named(opened, cluster, monkeypatch):
    monkeypatch.setenv("LAB_REGISTRY", "registry.example.com/")
    monkeypatch.setenv("LAB_TAG", "7.7")
    with opened() as environment:
        environment.create()
        assert container_of(cluster, "twinshop-monolith")["image"] == "registry.example.com/twinshop/monolith:7.7"


@pytest.mark.parametrize(("expose", "is_closed"), [("forward", True), ("node-port", False)])
def test_the_store_front_is_open_to_addresses_only_where_the_load_comes_through_the_nodes(
    opened, cluster, monkeypatch, expose, is_closed
):
    monkeypatch.setenv("LAB_EXPOSE", expose)
    with opened() as site:
        site.create()
        (rule,) = cluster.of("networkpolicies")["visitors-to-front"]["spec"]["ingress"]

    assert ("from" in rule) == is_closed
    assert rule["ports"]


@pytest.mark.parametrize(
    "option", [{"cores": (0,)}, {"cpus": 1.0}, {"memory_bytes": 2**30}], ids=["cores", "cpus", "memory"]
)
def test_an_option_that_could_not_take_effect_is_refused(opened, cluster, option):
    with pytest.raises(Unsupported), opened(**option):
        pytest.fail("it was opened")
    assert cluster.requests == []


def test_a_creation_that_is_refused_half_way_leaves_nothing(opened, cluster):
    cluster.forbidden.add(("POST", "deployments"))
    with pytest.raises(LabError, match="The cluster forbids it"), opened() as environment:
        environment.create()
    assert cluster.of("namespaces") == {}


def test_a_namespace_of_somebody_else_is_left_alone(config, cluster, tmp_path):
    theirs = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "theirs", "uid": "theirs"}}
    cluster.objects["namespaces", None, "theirs"] = theirs
    access = Access.of({"KUBECONFIG": str(config)})
    environment = KubernetesEnvironment(parse("mono"), ROOT, tmp_path, EnvironmentOptions(), access, "theirs")
    try:
        with pytest.raises(LabError, match="already exists"):
            environment.create()
    finally:
        environment.remove()
    assert cluster.of("namespaces") == {"theirs": theirs}
    assert cluster.of("deployments") == {}


def test_the_site_of_a_lab_that_was_killed_is_removed_by_its_name(opened, cluster, tmp_path):
    with opened() as environment:
        environment.create()
        removal.remove(tmp_path / "site", None, environment.namespace)
        assert cluster.of("namespaces") == {}
