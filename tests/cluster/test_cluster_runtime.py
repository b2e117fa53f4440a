"""`--runtime cluster` on a real cluster: what is done to the parts of a shop there is seen to have happened."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from twinshop.contracts.components import NAMES
from twinshop.lab.errors import LabError, Unsupported
from twinshop.testing.purchases import purchase
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]


def uids(environment, part):
    return {pod.uid for pod in environment.pods()[part]}


def test_it_sells_and_every_part_has_the_pods_that_were_asked_for(environment, sells):
    assert sells(environment.url)
    pods = environment.pods()
    assert set(pods) == {*NAMES, "catalog-db", "payment-db", "redis"}
    assert {part: len(each) for part, each in pods.items()} == dict.fromkeys(pods, 1) | {"storefront": 2}


def test_a_process_that_is_killed_stays_down_and_the_shop_goes_on_without_it(environment, client, sells):
    environment.kill("catalog")
    assert environment.pods()["catalog"] == []
    with client(environment.url) as visitor:
        page = visitor.get("/")
    assert page.status_code == 200
    assert "not available right now" in page.text

    environment.revive("catalog")
    environment.wait_ready(120)
    wait_until(lambda: sells(environment.url))


def test_a_process_that_crashes_is_replaced(environment, sells):
    before = uids(environment, "payment")
    environment.crash("payment")
    wait_until(lambda: (now := uids(environment, "payment")) and now.isdisjoint(before))
    environment.wait_ready(120)
    wait_until(lambda: sells(environment.url))


def test_orders_and_carts_survive_a_restart_of_everything(environment, client):
    with client(environment.url) as visitor:
        order = purchase(visitor).json()["id"]
        visitor.post("/api/cart/lines", json={"sku": purchase(visitor).json()["lines"][0]["sku"]}).raise_for_status()
        environment.stop()
        assert not any(environment.pods().values())
        environment.start()
        environment.wait_ready(300)
        found = wait_until(lambda: visitor.get(f"{environment.url}/api/orders").raise_for_status().json())
        cart = visitor.get(f"{environment.url}/api/cart").raise_for_status().json()

    assert order in [each["id"] for each in found]
    assert len(cart["lines"]) == 1


def test_replicas_come_and_go_and_each_can_be_asked_for_itself(environment):
    environment.scale("cart", 2)
    environment.wait_ready(120)
    assert len(environment.control_urls("cart")) == 2
    environment.scale("cart", 1)
    wait_until(lambda: len(environment.pods()["cart"]) == 1)


def test_limits_are_those_of_new_pods_and_visitors_notice_nothing(environment, nodes, watched):
    before = uids(environment, "storefront")
    with watched(environment.url) as seen:
        environment.limit("storefront", cpus=0.9, memory_bytes=300 * 2**20)

    assert uids(environment, "storefront").isdisjoint(before)
    assert seen.asked > 20
    assert seen.wrong == []


def test_an_image_that_nobody_has_is_told_and_can_be_taken_back(environment, sells):
    image = environment.pods()["translate"][0].image
    with pytest.raises(LabError, match="translate has an image that cannot be pulled"):
        environment.deploy({"translate": "registry.invalid/translate:none"}, rolling=True, seconds=120)

    environment.deploy({"translate": image}, rolling=True, seconds=120)
    wait_until(lambda: sells(environment.url))


def test_what_is_cut_off_neither_speaks_nor_is_spoken_to(environment, client, sells):
    """By a network plugin that enforces NetworkPolicy; with another the lab's own report says that nothing was cut."""
    environment.cut("catalog")
    try:
        with client(environment.url) as visitor:
            page = visitor.get("/").text
    finally:
        environment.mend("catalog")
    if "not available right now" not in page:
        pytest.skip("the network plugin of this cluster does not enforce NetworkPolicy")
    wait_until(lambda: sells(environment.url))


def test_what_parts_have_used_grows_with_their_work(environment, client):
    before = environment.usage()
    with client(environment.url) as visitor:
        for _ in range(10):
            visitor.get("/").raise_for_status()
    after = environment.usage()

    assert set(after) == set(environment.parts())
    assert after["storefront"].cpu_seconds > before["storefront"].cpu_seconds
    assert after["storefront"].sent_bytes > before["storefront"].sent_bytes + 10_000
    assert all(1e6 < used.memory_bytes < 2e9 for used in after.values())


def test_what_a_cluster_cannot_do_is_said(environment):
    with pytest.raises(Unsupported, match="cannot pause"):
        environment.pause("cart")


def test_the_lab_measures_isolation_there(access, nodes):
    chosen = ("--set", "isolation.faults=crash", "--set", "isolation.targets=translate", "--set", "isolation.rate=4")
    command = [sys.executable, "-m", "twinshop.lab", "run", "isolation", "--runtime", "cluster", *chosen]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=800)
    print(done.stdout[-3000:], done.stderr[-3000:])
    assert done.returncode == 0
    folder = ROOT / re.search(r"Stored: (\S+)", done.stdout)[1]
    trials = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]

    assert {trial["spec"]["arm"] for trial in trials} == {"mono", "micro"}
    assert [trial["outcome"]["void"] for trial in trials] == [None, None]
