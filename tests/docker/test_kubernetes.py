"""
The pods of deploy/kubernetes in plain containers, since there is no cluster: each Deployment's image, variables, user,
limits and probes as rendered, its Services' names on one network. Shows that a process starts, is ready and sells under
these conditions; not that a cluster schedules it.
"""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from twinshop.lab.environments.kubernetes import stores
from twinshop.lab.shapes import parse
from twinshop.testing import plain_http
from twinshop.testing.groupings import grouping
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
OVERLAY = ROOT / "deploy" / "kubernetes" / "overlays" / "group"
NETWORK = "twinshop-test-pods"
SHAPE = parse(grouping("storefront+cart", "catalog+payment"))
PASSWORD, OWNER_PASSWORD = "only-for-this-test", "for-the-owners-of-the-tables"
SECRETS = {"twinshop-storefront": {"STOREFRONT_SECRET": "0123456789abcdef"}} | stores.secrets(
    SHAPE, PASSWORD, OWNER_PASSWORD
)
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


@pytest.fixture(scope="module")
def resources():
    kubectl = Path(sys.executable).with_name("kubectl")
    done = subprocess.run([kubectl, "kustomize", OVERLAY], capture_output=True, text=True, check=True, timeout=60)
    return list(yaml.safe_load_all(done.stdout))


def variables(container):
    """As the kubelet sets them; those whose Secret is not there are optional."""
    values = {}
    for each in container["env"]:
        wanted = each.get("valueFrom", {}).get("secretKeyRef")
        value = SECRETS.get(wanted["name"], {}).get(wanted["key"]) if wanted else each["value"]
        if value is None:
            assert wanted["optional"], each
        else:
            values[each["name"]] = value
    return [part for name, value in values.items() for part in ("-e", f"{name}={value}")]


def migrations(deployment):
    """What `docker run` needs to run each container that ends before the pod's process starts."""
    for container in deployment["spec"]["template"]["spec"].get("initContainers", ()):
        yield [
            "--read-only",
            "--tmpfs",
            "/tmp",
            "--network",
            NETWORK,
            *variables(container),
            container["image"],
            *container["command"],
        ]


def store(deployment):
    """What `docker run` needs to run a store as the lab's environments on a cluster have it, by their name for it."""
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    command, password = list(container["command"]), SECRETS["twinshop-stores"]["POSTGRES_PASSWORD"]
    command = [word.replace("$(POSTGRES_PASSWORD)", password) for word in command]  # as the kubelet does
    name = deployment["metadata"]["name"]
    # By name and with folders that they can write to: the stand-ins of a test machine have users of other numbers.
    user, data = {"database": ("postgres", ["--tmpfs", "/data:mode=1777"]), "redis": ("redis", ["-v", "/data"])}[name]
    where = ["--network", NETWORK, "--network-alias", name, "--user", user, "--cap-drop", "ALL", *data]
    return name, [*where, *variables(container), "--entrypoint", command[0], container["image"], *command[1:]]


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
    chosen += variables(container)
    for service in services:
        if service["spec"]["selector"].items() <= template["metadata"]["labels"].items():
            chosen += ["--network-alias", service["metadata"]["name"]]
    for port in container["ports"]:
        chosen += ["-p", f"127.0.0.1::{port['containerPort']}"]
    return [*chosen, container["image"]], [container[probe]["httpGet"]["path"] for probe in PROBES]


@pytest.fixture(scope="module")
def kept():
    """The containers of the stores, by the names that the pods know them by."""
    return {}


@pytest.fixture(scope="module")
def pods(docker, resources, kept):
    """The address of each pod, by its Deployment's name; all of them ready by their own probes."""
    docker("build", "-q", "-f", "monolith/Dockerfile", "-t", "twinshop/monolith:0.1.0", ".")
    docker("network", "create", NETWORK)
    started = []

    def start(*arguments):
        started.append(docker("run", "-d", *arguments))
        return started[-1]

    try:
        for name, arguments in map(
            store, (each for each in stores.stores(SHAPE, ROOT) if each["kind"] == "Deployment")
        ):
            kept[name] = start(*arguments)
        wait_until(
            lambda: "accepting" in docker("exec", kept["database"], "pg_isready", "-h", "127.0.0.1", check=False)
        )
        services = [each for each in resources if each["kind"] == "Service"]
        found = {}
        for deployment in (each for each in resources if each["kind"] == "Deployment"):
            for arguments in migrations(deployment):
                docker("run", "--rm", *arguments)
            arguments, paths = options(deployment, services)
            container = start(*arguments)
            url = "http://" + docker("port", container, "8000").splitlines()[0]
            for path in paths:
                wait_until(lambda url=url + path: plain_http.get(url).status_code == 200)
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
    with plain_http.Client(base_url=pods["twinshop-front"][1], timeout=30) as client:
        order = buy(client)
        shape = client.get("/api/shape").json()

    assert (order.status_code, order.json()["state"]) == (201, "paid")
    assert shape["remote"] == ["catalog", "payment", "translate"]


def test_the_engine_translates_within_its_limits(pods):
    body = {"texts": ["The dog sleeps in the kitchen."], "target": "es"}

    def translated():
        answer = plain_http.post(f"{pods['twinshop-front'][1]}/api/translate", json=body, timeout=10)
        return "perro" in answer.raise_for_status().json()[0]["text"]

    wait_until(translated)


def test_a_pod_that_is_told_to_leave_ends_well(pods, docker):
    for container, _ in pods.values():
        docker("stop", container)
        assert docker("inspect", "-f", "{{.State.ExitCode}}", container) == "0"


@pytest.mark.parametrize("component", ["catalog", "payment"])
def test_a_component_s_account_changes_no_table_and_sees_no_other_component_s(pods, kept, component):
    other = {"catalog": "payment_order", "payment": "catalog_seed"}[component]
    for statement in (
        "CREATE TABLE another (x text)",
        f"SELECT * FROM {other}",
        "SET ROLE twinshop",
        f"SET ROLE {component}_owner",
    ):
        psql = ("psql", "-h", "database", "-U", component, "-d", "shop", "-Atc", statement)
        command = ["docker", "exec", "-e", f"PGPASSWORD={PASSWORD}", kept["database"], *psql]
        assert "permission denied" in subprocess.run(command, capture_output=True, text=True, check=False).stderr


def test_redis_lets_nobody_in_without_the_password(pods, kept, docker):
    assert "NOAUTH" in docker("exec", kept["redis"], "redis-cli", "keys", "*", check=False)
