"""Everything that is rendered is valid for the newest Kubernetes whose schemas are in the lock file."""

import warnings

import pytest

pytestmark = pytest.mark.integration

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kubernetes_validate

LATEST = kubernetes_validate.latest_version()
OLDEST = "1.30"
"""Has `preStop.sleep`; the oldest that docs/kubernetes.md promises."""


def check(resources, version=LATEST):
    for resource in resources:
        kubernetes_validate.validate(resource, version, strict=True)


@pytest.mark.parametrize("version", [OLDEST, LATEST])
def test_a_shop_is_valid(shop, version):
    check(shop.all, version)


def test_the_ingress_is_valid(shop_with_ingress):
    check([*shop_with_ingress.of("Ingress"), *shop_with_ingress.of("Service")])


def test_locust_is_valid(load):
    check(load.all)


def test_the_schemas_are_of_this_day():
    assert tuple(int(part) for part in LATEST.split(".")[:2]) >= (1, 37)


def test_a_field_that_kubernetes_does_not_know_is_found(load):
    deployment = load.of("Deployment")[0]
    with pytest.raises(kubernetes_validate.ValidationError):
        check([{**deployment, "spec": {**deployment["spec"], "replica": 2}}])


def test_no_secret_is_rendered(shop):
    assert shop.of("Secret") == []


def test_all_is_in_the_namespace(shop):
    assert {each["metadata"].get("namespace") for each in shop.all if each["kind"] != "Namespace"} == {"twinshop"}
