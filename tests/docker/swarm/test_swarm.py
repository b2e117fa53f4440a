"""A stack on a real Swarm: shopping, who reaches whom, a rolling update under Locust's load, a task that is killed."""

import json
import os
import re
import subprocess
import threading

import pytest

from twinshop.contracts.components import NAMES
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.swarm, pytest.mark.timeout(900)]
SPAWNED = re.compile("All users spawned|Spawning is complete")
"""Locust says the second when a worker's report is over a second late, as it is on a busy machine."""
SHOPPERS = {"USERS": "6", "SPAWN_RATE": "6", "RUN_TIME": "25s", "WORKERS": "2"}


def test_the_shop_sells_and_every_component_has_replicas(stack, buy):
    with stack.client() as client:
        order = buy(client)
        history = client.get("/api/orders")

    assert (order.status_code, history.status_code) == (201, 200), order.text + history.text
    assert [each["id"] for each in history.json()] == [order.json()["id"]]
    assert {stack.services()[component] for component in NAMES} == {"2/2"}


def test_each_component_reaches_its_own_store_alone(stack):
    ports = {"catalog-db": 5432, "payment-db": 5432, "redis": 6379}
    doors = {f"{ip}:{port}": store for store, port in ports.items() for ip in stack.addresses(store)}
    reached = {each: {doors[door] for door in stack.reaches(each, doors)} for each in NAMES}

    assert reached == {
        "storefront": set(),
        "catalog": {"catalog-db"},
        "cart": {"redis"},
        "payment": {"payment-db"},
        "translate": set(),
    }


@pytest.mark.parametrize("component", ["catalog", "payment"])
def test_a_component_s_account_changes_no_table(stack, docker, component):
    password = docker(
        "exec", stack.containers(component)[0], "cat", f"/run/secrets/{component.upper()}_DATABASE_PASSWORD"
    )
    for statement, said in {
        "CREATE TABLE another (x text)": "permission denied",
        "COPY (SELECT 1) TO PROGRAM 'true'": "permission denied",
        f"DROP TABLE {component}_revision": "must be owner",
        "SET ROLE twinshop": "permission denied",
        f"SET ROLE {component}_owner": "permission denied",
    }.items():
        psql = ("psql", "-h", "127.0.0.1", "-U", component, "-d", component, "-Atc", statement)
        command = ["docker", "exec", "-e", f"PGPASSWORD={password}", stack.containers(f"{component}-db")[0], *psql]
        assert said in subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stderr, (
            statement
        )


def test_redis_wants_the_cart_s_password(stack, docker):
    redis = stack.containers("redis")[0]
    password = docker("exec", stack.containers("cart")[0], "cat", "/run/secrets/CART_REDIS_PASSWORD")
    cart = ("redis-cli", "--no-auth-warning", "--user", "cart", "--pass", password)

    assert "NOAUTH" in docker("exec", redis, "redis-cli", "get", "cart:x", check=False)
    assert "NOPERM" in docker("exec", redis, *cart, "flushall", check=False)
    assert docker("exec", redis, *cart, "exists", "cart:{nobody}") == "0"


@pytest.mark.parametrize("component", NAMES)
def test_a_component_has_no_way_out_and_no_privileges(stack, docker, component):
    container = stack.containers(component)[0]
    host = json.loads(docker("inspect", container))[0]["HostConfig"]
    routes = docker("exec", container, "cat", "/proc/net/route").splitlines()[1:]

    assert [route for route in routes if route.split()[1] == "00000000"] == []
    assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"])


def test_no_secret_is_in_the_description_of_a_service(stack, docker):
    for component in NAMES:
        variables = stack.inspect(component)["Spec"]["TaskTemplate"]["ContainerSpec"]["Env"]
        assert not [each for each in variables if "SECRET" in each or "PASSWORD" in each]
    listed = docker("exec", stack.containers("catalog")[0], "ls", "/run/secrets").split()
    assert listed == ["CATALOG_DATABASE_PASSWORD"]  # not that of the tables' owner
    secret = docker("exec", stack.containers("catalog")[0], "cat", "/run/secrets/CATALOG_DATABASE_PASSWORD")
    assert len(secret) == 48
    assert secret not in docker("inspect", stack.containers("catalog")[0])


def test_a_new_version_replaces_the_old_one_under_shoppers_and_nobody_notices(stack, docker):
    (tag,) = {stack.change_image(component, "next", "LABEL version=next") for component in NAMES}
    failed, done = [], threading.Event()

    def ask():
        with stack.client() as client:
            while not done.wait(0.1):
                status = client.get("/").status_code
                if status != 200:
                    failed.append(status)

    asker = threading.Thread(target=ask)
    stack.deploy("load.yaml", suffix="-load", **SHOPPERS)
    asker.start()
    try:
        wait_until(lambda: SPAWNED.search(stack.logs("-load_master")), 120)
        stack.deploy("edge.yaml", "micro.yaml", TAG=tag)
        for component in NAMES:
            wait_until(lambda name=component: stack.update(name) == "completed", 180)
        state = ("service", "ps", f"{stack.name}-load_master", "--format", "{{.CurrentState}}")
        wait_until(lambda: docker(*state).split()[0] in {"Complete", "Failed"}, 120)
    finally:
        done.set()
        asker.join()
    said = stack.logs("-load_master")
    print(*(line for line in stack.logs("_storefront").splitlines() if "WARNING" in line), sep="\n")

    # Locust fails when any answer was wrong, or an order that was accepted is not stored.
    verdict = [line for line in said.splitlines() if "WRONG" in line or "orders accepted" in line]
    assert docker(*state).startswith("Complete"), (verdict, said[-3000:])
    assert "orders accepted 0," not in said
    assert failed == []
    for component in NAMES:
        image = f"twinshop/{component}:{tag}"
        assert stack.image(component) == image
        wait_until(lambda name=component, new=image: stack.running_images(name) == {new})  # old ones take leave


def test_a_version_that_does_not_run_is_taken_back(stack, docker):
    before = stack.image("translate")
    tag = stack.change_image("translate", "broken", 'CMD ["python", "-c", "raise SystemExit(3)"]')
    options = ("--detach", "--no-resolve-image", "--image", f"twinshop/translate:{tag}")
    docker("service", "update", *options, f"{stack.name}_translate")

    wait_until(lambda: stack.update("translate") == "rollback_completed", 180)
    assert stack.image("translate") == before
    wait_until(lambda: len(stack.containers("translate")) == 2, 120)


def test_a_task_that_is_killed_is_replaced(stack, docker, sells):
    killed = stack.containers("payment")[0]
    os.kill(int(docker("inspect", "-f", "{{.State.Pid}}", killed)), 9)

    wait_until(lambda: len(stack.containers("payment")) == 2 and killed not in stack.containers("payment"), 120)
    wait_until(lambda: sells(stack))


def test_a_compose_project_beside_it_is_left_alone(stack, micro, sells):
    assert sells(micro)
    assert sells(stack)
