"""
The pods of deploy/kubernetes in plain containers, since there is no cluster: each Deployment's image, variables, user,
limits and probes as rendered, its Services' names on one network. Shows that a process starts, is ready and sells under
these conditions; not that a cluster schedules it.
"""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
OVERLAY = ROOT / "deploy" / "kubernetes" / "overlays" / "group"
NETWORK, PASSWORD = "twinshop-test-pods", "only-for-this-test"
DATABASE = f"postgresql://postgres:{PASSWORD}@database/shop"
SECRETS = {
    "STOREFRONT_SECRET": "0123456789abcdef",
    "CATALOG_DATABASE_URL": DATABASE,
    "PAYMENT_DATABASE_URL": DATABASE,
    "CART_REDIS_URL": "redis://redis:6379/0",
}
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


@pytest.fixture(scope="module")
def resources():
    kubectl = Path(sys.executable).with_name("kubectl")
    done = subprocess.run([kubectl, "kustomize", OVERLAY], capture_output=True, text=True, check=True, timeout=60)
    return list(yaml.safe_load_all(done.stdout))


def options(deployment, services):
    """What `docker run` needs to run a pod as its manifest says."""
    template = deployment["spec"]["template"]
    (container,) = template["spec"]["containers"]
    security, own = template["spec"]["securityContext"], container["securityContext"]
    limits, volumes = container["resources"]["limits"], {each["name"]: each for each in template["spec"]["volumes"]}
    chosen = ["--user", f"{security['runAsUser']}:{security['runAsGroup']}", "--no-healthcheck", "--network", NETWORK]
    chosen += [part for capability in own["capabilities"]["drop"] for part in ("--cap-drop", capability)]
    chosen += ["--read-only"] if own["readOnlyRootFilesystem"] else []
    chosen += ["--security-opt", "no-new-privileges:true"] if not own["allowPrivilegeEscalation"] else []
    chosen += ["--cpus", limits["cpu"], "--memory", limits["memory"].removesuffix("i").lower()]
    for mount in container["volumeMounts"]:
        size = volumes[mount["name"]]["emptyDir"]["sizeLimit"].removesuffix("i").lower()
        chosen += ["--tmpfs", f"{mount['mountPath']}:size={size}"]
    for variable in container["env"]:
        if variable.get("valueFrom", {}).get("secretKeyRef", {}).get("optional"):
            continue  # the passwords are in the addresses here
        chosen += ["-e", f"{variable['name']}={variable.get('value', SECRETS.get(variable['name']))}"]
    for service in services:
        if service["spec"]["selector"].items() <= template["metadata"]["labels"].items():
            chosen += ["--network-alias", service["metadata"]["name"]]
    for port in container["ports"]:
        chosen += ["-p", f"127.0.0.1::{port['containerPort']}"]
    return [*chosen, container["image"]], [container[probe]["httpGet"]["path"] for probe in PROBES]


@pytest.fixture(scope="module")
def pods(docker, resources):
    """The address of each pod, by its Deployment's name; all of them ready by their own probes."""
    docker("build", "-q", "-f", "monolith/Dockerfile", "-t", "twinshop/monolith:0.1.0", ".")
    docker("network", "create", NETWORK)
    started = []

    def start(*arguments):
        started.append(docker("run", "-d", *arguments))
        return started[-1]

    try:
        password = ("-e", f"POSTGRES_PASSWORD={PASSWORD}", "-e", "POSTGRES_DB=shop")
        store = ("--network", NETWORK, "--network-alias")
        database = start(*store, "database", *password, "postgres:17")
        start(*store, "redis", "redis:8")
        wait_until(lambda: "accepting" in docker("exec", database, "pg_isready", "-h", "127.0.0.1", check=False))
        services = [each for each in resources if each["kind"] == "Service"]
        found = {}
        for deployment in (each for each in resources if each["kind"] == "Deployment"):
            arguments, paths = options(deployment, services)
            container = start(*arguments)
            url = "http://" + docker("port", container, "8000").splitlines()[0]
            for path in paths:
                wait_until(lambda url=url + path: httpx.get(url).status_code == 200)
            found[deployment["metadata"]["name"]] = (container, url)
        yield found
    except BaseException:
        for container in started:
            print(docker("logs", "--tail", "10", container, check=False))
        raise
    finally:
        docker("rm", "-f", "-v", *started, check=False)
        docker("network", "rm", NETWORK, check=False)
        docker("image", "rm", "twinshop/monolith:0.1.0", check=False)


def test_the_pods_are_a_shop_that_sells(pods, buy):
    with httpx.Client(base_url=pods["twinshop-front"][1], timeout=30) as client:
        order = buy(client)
        shape = client.get("/api/shape").json()

    assert (order.status_code, order.json()["state"]) == (201, "paid")
    assert shape["remote"] == ["catalog", "payment", "translate"]


def test_the_engine_translates_within_its_limits(pods):
    body = {"texts": ["The dog sleeps in the kitchen."], "target": "es"}

    def translated():
        answer = httpx.post(f"{pods['twinshop-front'][1]}/api/translate", json=body, timeout=10)
        return "perro" in answer.raise_for_status().json()[0]["text"]

    wait_until(translated)


def test_a_pod_that_is_told_to_leave_ends_well(pods, docker):
    for container, _ in pods.values():
        docker("stop", container)
        assert docker("inspect", "-f", "{{.State.ExitCode}}", container) == "0"
