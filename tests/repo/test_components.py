"""
Everything that names the components by hand names all of them (`twinshop.contracts.components`).

A new component makes these tests fail one by one until it is known everywhere: docs/changing.md.
"""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from twinshop.contracts.components import CALLED, COMPONENTS, NAMES, WITH_DATABASE, WITH_REDIS
from twinshop.lab.load.needs import NEEDS
from twinshop.monolith.wiring import BUILD, UPGRADE
from twinshop.storefront.settings import StorefrontSettings
from twinshop.storefront.shop import Shop

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def composed(name):
    """The content of a YAML file; nothing of one that is not there."""
    if not (ROOT / name).is_file():
        return {"services": {}}
    return yaml.safe_load((ROOT / name).read_text())


def built(what, shape):
    """The services of which a file laid over a shape builds another image."""
    return {
        name for name, service in composed(f"compose/{what}-{shape}.yaml")["services"].items() if "build" in service
    }


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        pytest.param({path.parent.name for path in ROOT.glob("services/*/pyproject.toml")}, NAMES, id="services/"),
        pytest.param(
            {each.name for each in fields(Shop)} - {"remote"}, [COMPONENTS[each].port for each in CALLED], id="Shop"
        ),
        pytest.param(BUILD, CALLED, id="monolith: BUILD"),
        pytest.param(UPGRADE, WITH_DATABASE, id="monolith: UPGRADE"),
        pytest.param(set().union(*NEEDS.values()), NAMES, id="load: NEEDS"),
        pytest.param(built("tracing", "micro"), NAMES, id="compose/tracing-micro.yaml"),
        pytest.param(built("neural", "micro"), ["translate"], id="compose/neural-micro.yaml"),
        pytest.param(built("neural", "mono"), ["monolith"], id="compose/neural-mono.yaml"),
        pytest.param(
            set(composed("compose/prometheus/prometheus.yml")["scrape_configs"][0]["dns_sd_configs"][0]["names"]),
            [*NAMES, "monolith"],
            id="prometheus.yml",
        ),
        pytest.param(
            {name.removesuffix(".yaml") for name in composed("compose/micro.yaml")["include"]},
            NAMES,
            id="compose/micro.yaml",
        ),
        pytest.param(
            {path.parent.name for path in ROOT.glob("deploy/kubernetes/components/*/kustomization.yaml")} - {"ingress"},
            NAMES,
            id="deploy/kubernetes/components",
        ),
        pytest.param(
            set(composed("deploy/kubernetes/overlays/micro/kustomization.yaml")["resources"]) - {"../../shop"},
            NAMES,
            id="deploy/kubernetes/overlays/micro",
        ),
    ],
)
def test_a_list_written_by_hand_is_complete(named, expected):
    assert set(named) == set(expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_component_is_known_everywhere(name):
    """All that is missing is listed at once."""
    package = f"twinshop.{name}"
    mypy, linter = PROJECT["tool"]["mypy"], PROJECT["tool"]["importlinter"]
    rules = {each["name"]: each for each in linter["contracts"]}
    layers = rules["From the top down: monolith, components, kit, contracts"]["layers"]
    known = {
        "pyproject.toml, mypy: mypy_path": f"services/{name}/src" in mypy["mypy_path"],
        "pyproject.toml, mypy: packages": package in mypy["packages"],
        "pyproject.toml, import-linter: root_packages": package in linter["root_packages"],
        "pyproject.toml, import-linter: layers": package in layers[1].split(" | "),
        **{
            f"pyproject.toml, import-linter: {rule}": package in rules[rule][modules]
            for rule, modules in (
                ("Components do not know each other", "modules"),
                ("The lab measures from outside", "source_modules"),
                ("Shoppers know the shop from outside, and the lab not at all", "forbidden_modules"),
            )
        },
        f"compose/{name}.yaml": name in composed(f"compose/{name}.yaml")["services"],
        "deploy/swarm/micro.yaml": name in composed("deploy/swarm/micro.yaml")["services"],
        "docs/components.md": f"](../services/{name}/README.md)" in (ROOT / "docs/components.md").read_text(),
        "README.md": re.search(rf"\b{name}\b", (ROOT / "README.md").read_text()) is not None,
    }

    missing = [place for place, found in known.items() if not found]
    assert not missing, "not known yet in\n" + "\n".join(missing)


@pytest.mark.parametrize("name", CALLED)
def test_the_storefront_can_be_told_where_a_component_is(name):
    url = f"STOREFRONT_{name.upper()}_URL"

    assert f"{name}_url" in StorefrontSettings.model_fields
    assert url in composed("compose/storefront.yaml")["services"]["storefront"]["environment"]
    assert url in (ROOT / "deploy/swarm/micro.yaml").read_text()
    assert url in (ROOT / "deploy/kubernetes/overlays/micro/storefront/kustomization.yaml").read_text()


@pytest.mark.parametrize("name", WITH_DATABASE)
def test_a_database_is_migrated_wherever_it_is(name):
    assert {f"{name}-db", f"{name}-migration"} <= composed("deploy/swarm/micro.yaml")["services"].keys()
    assert {f"{name}-db", f"{name}-migration"} <= composed(f"compose/{name}.yaml")["services"].keys()
    assert (ROOT / f"services/{name}/src/twinshop/{name}/migrations/versions").is_dir()


@pytest.mark.parametrize("name", WITH_REDIS)
def test_an_account_in_redis_is_named_after_its_component(name):
    assert f"{name.upper()}_REDIS_URL" in composed(f"compose/{name}.yaml")["services"][name]["environment"]
