from pathlib import Path

import pytest

from twinshop.contracts.components import CALLED
from twinshop.lab.environments.local.programs import environment, programs
from twinshop.lab.shapes import MICRO, MONO, parse
from twinshop.testing.groupings import grouping

STATE = Path("/shop/.run/x")


def of(shape, component):
    return environment(shape, shape.host_of(component), STATE)


def test_in_the_monolith_all_components_share_one_database():
    variables = of(MONO, "catalog")
    assert variables["CATALOG_DATABASE_URL"] == variables["PAYMENT_DATABASE_URL"] == "sqlite:////shop/.run/x/shop.db"


def test_in_microservices_each_component_has_a_database_of_its_own():
    assert of(MICRO, "catalog")["CATALOG_DATABASE_URL"] == "sqlite:////shop/.run/x/catalog.db"
    assert of(MICRO, "payment")["PAYMENT_DATABASE_URL"] == "sqlite:////shop/.run/x/payment.db"


def test_the_monolith_calls_nobody():
    assert not [name for name in of(MONO, "storefront") if name.startswith("STOREFRONT_") and name.endswith("_URL")]


def test_the_storefront_knows_where_the_components_are_that_it_does_not_host():
    variables = of(parse(grouping("storefront+cart", "catalog+payment")), "storefront")
    assert {name: url for name, url in variables.items() if name.startswith("STOREFRONT_") and "URL" in name} == {
        "STOREFRONT_CATALOG_URL": "http://127.0.0.1:8301",
        "STOREFRONT_PAYMENT_URL": "http://127.0.0.1:8301",
        "STOREFRONT_TRANSLATE_URL": "http://127.0.0.1:8302",
    }


@pytest.mark.parametrize("component", CALLED)
def test_only_the_storefront_is_told_the_secret_and_the_addresses(component):
    assert not [name for name in of(MICRO, component) if name.startswith("STOREFRONT_")]


def test_a_shell_that_forbids_bytecode_does_not_slow_down_starts():
    assert of(MICRO, "cart")["PYTHONDONTWRITEBYTECODE"] == ""


def test_a_process_is_told_what_it_hosts():
    shape = parse(grouping("storefront+cart", "catalog+payment"))
    assert of(shape, "payment")["TWINSHOP_COMPONENTS"] == "catalog,payment"


def test_the_secret_is_given_to_the_storefront_alone():
    told = [program.name for program in programs(MICRO, STATE, "abc") if "STOREFRONT_SECRET" in program.environment]
    assert told == ["storefront"]


def test_redis_starts_first():
    assert [program.name for program in programs(MICRO, STATE, "abc") if program.first] == ["redis"]
    assert programs(MICRO, STATE, "abc")[0].first
