"""
Who may speak to whom, by the rules of NetworkPolicy: exactly the calls that the shop makes.

`Network` decides as a cluster does (Kubernetes' documentation, "Network Policies"): a pod that a policy selects for a
direction is closed in that direction but for what any of its policies allows; both ends must allow it.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Peer:
    """A pod, or an address outside of the cluster (`labels` is None)."""

    name: str
    namespace: str = ""
    labels: tuple | None = None
    ports: tuple = ()
    marks: tuple = ()  # labels of the namespace
    ip: str = "10.99.0.1"


DNS = Peer("dns", "kube-system", (("k8s-app", "kube-dns"),))
STRANGER = Peer("stranger", "other", (("role", "front"), ("app", "locust-worker")))
CONTROLLER = Peer("controller", "ingress-nginx", (), marks=(("twinshop.visitors", "yes"),))
DATABASE = Peer("database", ip="10.20.30.40")
INTERNET = Peer("internet", ip="203.0.113.7")
METADATA = Peer("metadata", ip="169.254.169.254")


class Network:
    def __init__(self, *manifests):
        self.policies = [policy for each in manifests for policy in each.of("NetworkPolicy")]
        self.pods = {
            name: Peer(
                name,
                each.of("Namespace")[0]["metadata"]["name"],
                tuple(pod.labels.items()),
                tuple((port["name"], port["containerPort"]) for port in pod.container.get("ports", ())),
                tuple(each.of("Namespace")[0]["metadata"]["labels"].items()),
            )
            for each in manifests
            for name, pod in each.pods.items()
        }

    def allows(self, source, target, port, protocol="TCP"):
        return self._way(source, "Egress", target, target, port, protocol) and self._way(
            target, "Ingress", source, target, port, protocol
        )

    def _way(self, subject, direction, other, target, port, protocol):
        mine = [policy for policy in self.policies if self._selects(policy, subject, direction)]
        if not mine:
            return True
        rules = [rule for policy in mine for rule in policy["spec"].get(direction.lower(), ())]
        side = "to" if direction == "Egress" else "from"
        return any(
            self._peers(rule.get(side), other, subject.namespace)
            and self._ports(rule.get("ports"), target, port, protocol)
            for rule in rules
        )

    @staticmethod
    def _selects(policy, subject, direction):
        spec = policy["spec"]
        return (
            subject.labels is not None
            and policy["metadata"]["namespace"] == subject.namespace
            and direction in spec["policyTypes"]
            and matches(spec["podSelector"], dict(subject.labels))
        )

    @staticmethod
    def _peers(peers, other, own_namespace):
        if peers is None:
            return True
        for peer in peers:
            if "ipBlock" in peer:
                if ip_address(other.ip) in ip_network(peer["ipBlock"]["cidr"]):
                    return True
            elif other.labels is not None:
                names = {"kubernetes.io/metadata.name": other.namespace, **dict(other.marks)}
                here = (
                    matches(peer["namespaceSelector"], names)
                    if "namespaceSelector" in peer
                    else (other.namespace == own_namespace)
                )
                if here and matches(peer.get("podSelector", {}), dict(other.labels)):
                    return True
        return False

    @staticmethod
    def _ports(ports, target, port, protocol):
        if ports is None:
            return True
        names = dict(target.ports)
        return any(each["protocol"] == protocol and names.get(each["port"], each["port"]) == port for each in ports)


def matches(selector, labels):
    assert selector.keys() <= {"matchLabels"}
    return selector.get("matchLabels", {}).items() <= labels.items()


def called_by(shop, pod):
    """The processes that a process has the address of."""
    urls = (value for name, value in pod.environment.items() if re.fullmatch(r"STOREFRONT_\w+_URL", name))
    return {name for url in urls for name in shop.behind(urlsplit(url).hostname)}


@pytest.fixture
def network(shop, load):
    return Network(shop, load)


def test_exactly_the_calls_of_the_shop_are_allowed_between_its_processes(shop, network):
    names = list(shop.pods)
    allowed = {
        (one, other)
        for one in names
        for other in names
        for port in (8000, 80, 5432, 6379, 22)
        if one != other and network.allows(network.pods[one], network.pods[other], port)
    }

    assert allowed == {(name, called) for name, pod in shop.pods.items() for called in called_by(shop, pod)}


def test_visitors_come_through_an_ingress_controller_and_reach_the_store_front_alone(shop, network):
    for name, pod in shop.pods.items():
        assert network.allows(CONTROLLER, network.pods[name], 8000) == pod.is_front
        assert not network.allows(CONTROLLER, network.pods[name], 22)


def test_no_other_pod_and_no_address_outside_reaches_what_is_for_those_who_run_the_shop(network):
    """`/metrics` and `/faults` are on the port of the pages; a NetworkPolicy knows no paths."""
    for pod in network.pods.values():
        for stranger in (STRANGER, INTERNET):
            assert not network.allows(stranger, pod, 8000)


@pytest.mark.parametrize(
    ("port", "variables"),
    [(5432, {"CATALOG_DATABASE_URL", "PAYMENT_DATABASE_URL"}), (6379, {"CART_REDIS_URL"})],
)
def test_only_those_that_keep_data_reach_a_store(shop, network, port, variables):
    for name, pod in shop.pods.items():
        uses = bool(variables & pod.environment.keys())
        assert network.allows(network.pods[name], DATABASE, port) == uses
        assert not network.allows(network.pods[name], INTERNET, port)


def test_nobody_gets_out(network):
    for pod in network.pods.values():
        assert not network.allows(pod, INTERNET, 443)
        assert not network.allows(pod, METADATA, 80)
        assert not network.allows(pod, STRANGER, 8000)


def test_all_may_ask_for_names(network):
    for pod in network.pods.values():
        assert network.allows(pod, DNS, 53, "UDP")
        assert not network.allows(pod, DNS, 443)


def test_workers_reach_their_master_and_the_front_and_nothing_more(shop, network):
    worker = network.pods["locust-worker"]
    reached = {
        (pod.name, port)
        for pod in network.pods.values()
        for port in (8000, 8089, 5557)
        if pod != worker and network.allows(worker, pod, port)
    }
    (front,) = shop.selected_by({"role": "front"})

    assert reached == {(front, 8000), ("locust-master", 5557)}


def test_the_masters_page_is_not_open_to_the_cluster(network):
    for pod in (STRANGER, INTERNET, *network.pods.values()):
        assert not network.allows(pod, network.pods["locust-master"], 8089)
