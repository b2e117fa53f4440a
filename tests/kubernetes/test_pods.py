"""How the pods are run: restricted, probed, limited, and stopped without cutting anybody off."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
FOLDERS = {"twinshop/monolith": "monolith", "twinshop/loadtests": "loadtests"}


def bytes_of(quantity):
    return int(quantity[:-2]) * {"Mi": 2**20, "Gi": 2**30}[quantity[-2:]]


def cores(quantity):
    return int(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)


def test_they_meet_the_restricted_pod_security_standard(pods):
    for pod in pods:
        security = pod.spec["securityContext"]

        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        for own in (each["securityContext"] for each in pod.containers):
            assert own["allowPrivilegeEscalation"] is False
            assert own["capabilities"] == {"drop": ["ALL"]}
            assert own.keys() == {"allowPrivilegeEscalation", "capabilities", "readOnlyRootFilesystem"}
        assert not pod.spec.keys() & {"hostNetwork", "hostPID", "hostIPC"}
        assert not any("hostPort" in port for port in pod.container.get("ports", ()))
        assert all(volume.keys() == {"name", "emptyDir"} for volume in pod.spec["volumes"])


def test_the_namespaces_enforce_that_standard(shop, load):
    for manifests in (shop, load):
        (namespace,) = manifests.of("Namespace")
        assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_they_can_write_to_tmp_alone_and_not_without_end(pods):
    for pod in pods:
        for container in pod.containers:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]
        assert all(bytes_of(volume["emptyDir"]["sizeLimit"]) <= 2**30 for volume in pod.spec["volumes"])


def test_they_have_no_credentials_of_the_cluster(pods):
    assert {pod.spec["automountServiceAccountToken"] for pod in pods} == {False}


def test_they_ask_for_what_they_need_and_have_limits(pods):
    for container in (each for pod in pods for each in pod.containers):
        asked, limits = (container["resources"][part] for part in ("requests", "limits"))

        assert 0 < cores(asked["cpu"]) <= cores(limits["cpu"])
        assert 0 < bytes_of(asked["memory"]) <= bytes_of(limits["memory"])


def test_processes_are_watched(shop):
    probes = ("startupProbe", "livenessProbe", "readinessProbe")
    for pod in shop.pods.values():
        started, alive, ready = (pod.container[probe]["httpGet"]["path"] for probe in probes)

        # One outage of a store must not take the store front away: it shows what it can.
        assert (started, alive, ready) == ("/livez", "/livez", "/livez" if pod.is_front else "/readyz")


def test_processes_have_time_to_finish_what_they_do(shop):
    for pod in shop.pods.values():
        leaves = pod.container["lifecycle"]["preStop"]["sleep"]["seconds"]
        finishes = int(pod.environment["TWINSHOP_STOP_SECONDS"])

        assert leaves >= 3
        assert pod.spec["terminationGracePeriodSeconds"] >= leaves + finishes + 3


def test_a_new_version_comes_before_the_old_one_goes(shop):
    for deployment in shop.of("Deployment"):
        assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_replicas_are_spread_over_machines_and_zones(shop):
    for pod in shop.pods.values():
        spread = pod.spec["topologySpreadConstraints"]

        assert {each["topologyKey"] for each in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        for each in spread:
            assert each["labelSelector"]["matchLabels"]
            assert each["labelSelector"]["matchLabels"].items() <= pod.labels.items()


def test_images_are_built_here_and_have_a_version(pods):
    for pod in pods:
        image, _, version = pod.container["image"].partition(":")

        assert (ROOT / FOLDERS.get(image, image.replace("twinshop/", "services/")) / "Dockerfile").is_file()
        assert version not in {"", "latest"}
