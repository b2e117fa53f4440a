"""What is done to the parts of an environment on a cluster, one thing after the other at the same environment."""

import pytest

from twinshop.lab.errors import LabError, Unsupported

from .fake_cluster import container_of, pods_of

pytestmark = pytest.mark.integration


def test_a_stop_keeps_the_claims_of_the_stores(started):
    environment, cluster = started
    claims = cluster.of("persistentvolumeclaims")
    environment.stop()
    assert cluster.of("pods") == {}
    assert cluster.of("persistentvolumeclaims") == claims
    assert set(claims) == {"catalog-db", "payment-db", "redis"}
    environment.start()
    environment.wait_ready(60)
    assert len(cluster.of("pods")) == len(environment.parts())


def test_what_is_killed_stays_down_until_it_is_revived_and_what_crashes_comes_back(started):
    environment, cluster = started
    old = pods_of(cluster, "payment")
    cluster.requests.clear()
    environment.crash("payment")
    new = pods_of(cluster, "payment")
    assert (len(new), new.keys() & old.keys()) == (1, set())
    assert [body["gracePeriodSeconds"] for method, _, body in cluster.requests if method == "DELETE"] == [0]

    environment.kill("payment")
    assert pods_of(cluster, "payment") == {}
    environment.revive("payment")
    environment.wait_ready(60)
    assert len(pods_of(cluster, "payment")) == 1


def test_a_restart_is_another_pod(started):
    environment, cluster = started
    old = pods_of(cluster, "cart")
    environment.restart("cart")
    assert len(pods_of(cluster, "cart")) == 1
    assert pods_of(cluster, "cart").keys() != old.keys()


def test_what_is_cut_off_has_no_label_by_which_a_policy_would_let_it_speak(started):
    environment, cluster = started
    (before,) = pods_of(cluster, "catalog").values()
    labels = dict(before["metadata"]["labels"])
    environment.cut("catalog")
    (cut,) = pods_of(cluster, "catalog").values()
    named = [
        selector
        for policy in cluster.of("networkpolicies").values()
        if (selector := policy["spec"]["podSelector"].get("matchLabels"))
    ]
    assert [each for each in named if each.items() <= cut["metadata"]["labels"].items()] == []
    assert [each for each in named if each.items() <= labels.items()] != []

    environment.mend("catalog")
    (mended,) = pods_of(cluster, "catalog").values()
    assert mended["metadata"]["labels"] == labels


def test_replicas_limits_and_images_are_changed(started):
    environment, cluster = started
    environment.scale("cart", 3)
    assert len(pods_of(cluster, "cart")) == 3
    environment.limit("cart", cpus=0.5, memory_bytes=2**28)
    assert container_of(cluster, "twinshop-cart")["resources"]["limits"] == {"cpu": "500m", "memory": str(2**28)}
    assert environment.deploy({"cart": "twinshop/cart:new"}, rolling=True) == 3
    assert {pod["spec"]["containers"][0]["image"] for pod in pods_of(cluster, "cart").values()} == {"twinshop/cart:new"}
    assert environment.deploy({"cart": "twinshop/cart:newer"}) == 3
    environment.scale("cart", 1)


@pytest.mark.parametrize(
    ("version", "why"), [("broken", "cannot be pulled .*: nobody has it"), ("crashing", "ended 5 times")]
)
def test_an_image_that_does_not_run_is_told_and_the_old_one_is_the_way_back(started, version, why):
    environment, _ = started
    with pytest.raises(LabError, match=f"cart .*{why}"):
        environment.deploy({"cart": f"twinshop/cart:{version}"})
    assert environment.deploy({"cart": "twinshop/cart:0.1.0"}) == 1


def test_after_a_rollout_that_failed_the_way_back_is_the_pod_that_was_never_taken_away(started):
    environment, cluster = started
    before = pods_of(cluster, "cart").keys()
    with pytest.raises(LabError, match="cannot be pulled"):
        environment.deploy({"cart": "twinshop/cart:broken"}, rolling=True)
    assert pods_of(cluster, "cart").keys() > before

    assert environment.deploy({"cart": "twinshop/cart:0.1.0"}, rolling=True, seconds=20) == 0
    assert pods_of(cluster, "cart").keys() == before


def event(number, reason, message):
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"event-{number}", "uid": f"event-{number}"},
        "type": "Warning",
        "reason": reason,
        "message": message,
        "lastTimestamp": f"2026-01-01T00:00:0{number}Z",
        "involvedObject": {"kind": "Pod", "name": "twinshop-cart-1"},
    }


def test_a_pod_that_does_not_come_about_is_told_with_what_the_cluster_warns_of(started):
    environment, cluster = started
    for number, (reason, message) in enumerate(
        [("FailedMount", "no such volume"), ("Unhealthy", "refused"), ("FailedMount", "no such\n  volume")]
    ):
        cluster.objects["events", environment.namespace, f"event-{number}"] = event(number, reason, message)
    with pytest.raises(LabError) as told:
        environment.deploy({"cart": "twinshop/cart:stuck"}, seconds=0.1)
    assert "cart is not ready after 0 s" in str(told.value)
    assert "Pending: ContainerCreating" in str(told.value)
    assert str(told.value).endswith("The cluster warns:\n    twinshop-cart-1: FailedMount: no such volume")
    assert environment.deploy({"cart": "twinshop/cart:0.1.0"}) == 1


@pytest.fixture(params=[1, 2])
def groups(request, started):
    """Both versions of control groups in turn."""
    started[1].groups = request.param
    yield
    started[1].groups = 2


def test_what_a_part_has_used_is_read_in_its_pods(started, groups):
    environment, _ = started
    environment.scale("cart", 2)
    usage = environment.usage()
    cart = usage["cart"]
    assert usage.keys() == set(environment.parts())
    assert (cart.cpu_seconds, cart.memory_bytes, cart.memory_limit_bytes) == (5.0, 200_000, 2**29)
    assert (cart.received_bytes, cart.sent_bytes, cart.throttled_periods) == (14_000, 18_000, 6)
    assert environment.total().cpu_seconds == 2.5 * 9  # five processes, three stores, one replica more
    environment.scale("cart", 1)


def test_control_groups_of_neither_version_are_told(started):
    environment, cluster = started
    cluster.groups = 3
    with pytest.raises(Unsupported, match="neither version"):
        environment.usage()
    cluster.groups = 2


def test_what_a_cluster_cannot_do_is_said(started):
    environment, _ = started
    with pytest.raises(Unsupported, match="cannot pause"):
        environment.pause("cart")
    with pytest.raises(Unsupported, match="only processes"):
        environment.scale("redis", 2)
    with pytest.raises(Unsupported, match="only processes"):
        environment.deploy({"redis": "redis:9"})
    with pytest.raises(LabError, match="There is no `basket`"):
        environment.kill("basket")
