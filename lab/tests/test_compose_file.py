"""The compose file of a shape, as data; `tests/docker` brings such files up."""

import json
from pathlib import Path

import pytest

from twinshop.lab.environments.docker.compose_file import compose
from twinshop.lab.shapes import MICRO, MONO, parse
from twinshop.testing.groupings import grouping

ROOT = Path(__file__).parents[2]
GROUPING = parse(grouping("storefront+cart", "catalog+payment"))


def services(text):
    return compose(parse(text), ROOT).document["services"]


@pytest.mark.parametrize("shape", [MONO, MICRO, parse("mono", 8500), parse("micro", 8600)])
def test_the_two_shapes_have_the_files_of_the_repository(shape, tmp_path):
    file = compose(shape, ROOT).write(tmp_path)

    assert file == ROOT / "compose" / f"{shape.name.partition('-')[0]}.yaml"
    assert list(tmp_path.iterdir()) == []


def test_the_process_of_the_monolith_is_the_service_monolith():
    assert compose(MONO, ROOT).services == {"mono": "monolith"}
    assert compose(MONO, ROOT).stores == ("database", "redis")


def test_each_microservice_has_its_own_database():
    assert compose(MICRO, ROOT).databases == {"catalog": "catalog-db", "payment": "payment-db"}


def test_a_group_is_the_monoliths_image_told_what_to_host_and_whom_to_call():
    group = services(grouping("storefront+cart", "catalog+payment"))["storefront-cart"]

    assert group["image"] == "twinshop/monolith"
    assert group["environment"]["TWINSHOP_COMPONENTS"] == "storefront,cart"
    assert {
        name: url
        for name, url in group["environment"].items()
        if name.startswith("STOREFRONT_") and url and "URL" in name
    } == {
        "STOREFRONT_CATALOG_URL": "http://catalog-payment:8000",
        "STOREFRONT_PAYMENT_URL": "http://catalog-payment:8000",
        "STOREFRONT_TRANSLATE_URL": "http://translate:8000",
    }
    assert group["depends_on"] == {"redis": {"condition": "service_healthy"}}


def test_two_components_in_one_process_share_a_database():
    together = services(grouping("storefront+cart", "catalog+payment"))
    assert "database" in together
    assert "catalog-db" not in together
    variables = together["catalog-payment"]["environment"]
    for component in ("catalog", "payment"):
        assert variables[f"{component.upper()}_DATABASE_URL"] == f"postgresql://{component}@database/shop"


def test_a_component_alone_is_the_service_of_its_fragment():
    alone = services(grouping("storefront+cart", "catalog+payment"))["translate"]
    assert alone["extends"] == {"file": str(ROOT / "compose" / "translate.yaml"), "service": "translate"}
    assert "image" not in alone


def test_only_the_process_with_the_storefront_is_told_the_secret():
    told = [
        name
        for name, each in services(grouping("storefront+cart", "catalog+payment")).items()
        if "STOREFRONT_SECRET" in each.get("environment", {})
    ]
    assert told == ["storefront-cart"]


def test_no_secret_is_written_into_the_file(tmp_path):
    text = compose(GROUPING, ROOT).write(tmp_path).read_text()
    assert "${TWINSHOP_SECRET:?" in text
    assert text.count('_DATABASE_PASSWORD": "${TWINSHOP_DB_PASSWORD:?') == 2
    assert '"CART_REDIS_PASSWORD": "${TWINSHOP_DB_PASSWORD:?' in text
    assert json.loads(text)["services"]["edge"]["environment"] == {"SHOP": "storefront-cart"}
