"""Names, ports, variables and addresses agree with each other and with the code."""

import subprocess
import sys
from functools import cache
from urllib.parse import urlsplit

import pytest

from twinshop.contracts.components import NAMES, WITH_DATABASE, WITH_REDIS
from twinshop.lab.environments.variables import settings_classes

pytestmark = pytest.mark.integration


def hosted(pod):
    """The components in a pod."""
    image = pod.container["image"].partition(":")[0].removeprefix("twinshop/")
    return (
        set(pod.environment.get("TWINSHOP_COMPONENTS", ",".join(NAMES)).split(",")) if image == "monolith" else {image}
    )


def references(container):
    """The Secrets' names and keys that a container takes."""
    found = (each.get("valueFrom", {}).get("secretKeyRef") for each in container["env"])
    return {(each["name"], each["key"]) for each in found if each}


@cache
def variables_of_locust():
    """Asked in a process of its own: importing Locust patches sockets."""
    code = "from locust.argument_parser import get_parser; print(*(a.env_var for a in get_parser()._actions))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_each_component_is_hosted_once(shop):
    assert sorted(name for pod in shop.pods.values() for name in hosted(pod)) == sorted(NAMES)


def test_the_settings_classes_read_every_variable_and_take_its_value(shop, secrets, monkeypatch):
    for pod in shop.pods.values():
        classes = [each for name in ("", *hosted(pod)) for each in settings_classes()[name]]
        read = {f"{each.model_config['env_prefix']}{name}".upper() for each in classes for name in each.model_fields}
        with monkeypatch.context() as patch:
            for name, value in pod.environment.items():
                assert name in read
                patch.setenv(name, value if isinstance(value, str) else secrets[value["name"], value["key"]])
            for each in classes:
                each()


def test_the_store_front_knows_where_the_others_are(shop):
    (front,) = (pod for pod in shop.pods.values() if "storefront" in hosted(pod))
    for component in set(NAMES) - hosted(front):
        url = urlsplit(front.environment[f"STOREFRONT_{component.upper()}_URL"])
        (process,) = shop.behind(url.hostname)

        assert component in hosted(shop.pods[process])
        assert [url.port] == [port["port"] for port in shop.named("Service", url.hostname)["spec"]["ports"]]


def test_a_process_gets_the_secrets_of_what_it_hosts_and_no_others(shop):
    for pod in shop.pods.values():
        own = {f"twinshop-{name}" for name in hosted(pod) & {"storefront", *WITH_DATABASE, *WITH_REDIS}}
        assert {name for name, _ in references(pod.container)} == {"twinshop-calls", *own}


def test_migrations_come_first_and_alone_know_the_owner_of_the_tables(shop):
    for pod in shop.pods.values():
        kept = sorted(hosted(pod) & set(WITH_DATABASE))

        migrations = {each["name"].removeprefix("migrate-"): each for each in pod.migrations}
        assert sorted(migrations) == kept
        for component, migration in migrations.items():
            assert migration["command"] == ["python", "-m", f"twinshop.{component}", "migrate"]
            assert migration["image"] == pod.container["image"]
            assert {name for name, _ in references(migration)} == {f"twinshop-{component}-owner"}


def test_an_example_makes_every_secret(shop, secrets):
    assert {
        reference for pod in shop.pods.values() for each in pod.containers for reference in references(each)
    } == secrets.keys()


def test_services_lead_to_ports_of_pods(shop, load):
    for manifests in (shop, load):
        for service in manifests.of("Service"):
            found = manifests.behind(service["metadata"]["name"])
            assert found
            for name in found:
                ports = {port["name"] for port in manifests.pods[name].container["ports"]}
                assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


def test_the_port_is_the_one_that_the_images_listen_on(shop):
    for pod in shop.pods.values():
        assert [port["containerPort"] for port in pod.container["ports"]] == [8000]


def test_selectors_find_the_pods_of_their_own_deployment_alone(shop, load):
    for manifests in (shop, load):
        for deployment in manifests.of("Deployment"):
            selector = deployment["spec"]["selector"]["matchLabels"]
            assert manifests.selected_by(selector) == {deployment["metadata"]["name"]}


def test_each_process_scales_by_itself_and_survives_drained_machines(shop):
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in shop.of("HorizontalPodAutoscaler")}
    kept = [shop.selected_by(each["spec"]["selector"]["matchLabels"]) for each in shop.of("PodDisruptionBudget")]

    assert scaled == shop.pods.keys()
    assert sorted(map(list, kept)) == sorted([name] for name in shop.pods)
    for each in shop.of("HorizontalPodAutoscaler"):
        assert 2 <= each["spec"]["minReplicas"] < each["spec"]["maxReplicas"]
    for deployment in shop.of("Deployment"):
        assert "replicas" not in deployment["spec"], "every apply would undo what the autoscaler did"


def test_the_front_door_leads_to_the_store_front(shop):
    assert ["storefront" in hosted(shop.pods[name]) for name in shop.behind("twinshop")] == [True]


def test_the_ingress_leads_to_the_front_door_and_hides_what_is_not_for_visitors(shop_with_ingress):
    (ingress,) = shop_with_ingress.of("Ingress")
    (rule,) = ingress["spec"]["rules"]
    leads = {each["path"]: each["backend"]["service"]["name"] for each in rule["http"]["paths"]}

    assert leads.pop("/") == "twinshop"
    assert leads.keys() >= {"/metrics", "/faults"}
    assert set(leads.values()) == {"nowhere"}
    assert "selector" not in shop_with_ingress.named("Service", "nowhere")["spec"]


def test_behind_the_ingress_cookies_go_over_tls_alone(shop_with_ingress):
    for pod in shop_with_ingress.pods.values():
        secure = "true" if pod.is_front else None
        assert pod.environment.get("STOREFRONT_SECURE_COOKIES") == secure


def test_locust_reads_its_variables_and_finds_master_and_shop(load, shop):
    for pod in load.pods.values():
        url = urlsplit(pod.environment["LOCUST_HOST"])
        service, _, namespace = url.hostname.partition(".")
        door = shop.named("Service", service)

        assert pod.environment.keys() <= variables_of_locust()
        assert (door["metadata"]["namespace"], door["spec"]["ports"][0]["port"]) == (namespace, url.port)
    assert load.behind(load.pods["locust-worker"].environment["LOCUST_MASTER_NODE_HOST"]) == {"locust-master"}
