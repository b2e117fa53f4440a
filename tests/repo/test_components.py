"""
What derives from the components (`twinshop.contracts.components`) is current, and what names them by hand is complete.

A new component makes these tests fail one by one until it is known everywhere: docs/changing.md.
"""

import importlib.util
import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from twinshop.contracts.components import CALLED, COMPONENTS, NAMES, WITH_DATABASE, WITH_REDIS
from twinshop.lab.load.needs import NEEDS
from twinshop.monolith.wiring import app_of
from twinshop.storefront.clients import clients
from twinshop.storefront.settings import StorefrontSettings
from twinshop.storefront.shop import Shop

ROOT = Path(__file__).parents[2]
_SPEC = importlib.util.spec_from_file_location("components", ROOT / "scripts/components.py")
script = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(script)
DERIVED = script.derived()


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
        pytest.param(clients(charge_seconds=1), CALLED, id="storefront: clients"),
        pytest.param(set().union(*NEEDS.values()), NAMES, id="load: NEEDS"),
        pytest.param(built("neural", "micro"), ["translate"], id="compose/neural-micro.yaml"),
        pytest.param(built("neural", "mono"), ["monolith"], id="compose/neural-mono.yaml"),
        pytest.param(
            {path.parent.name for path in ROOT.glob("deploy/kubernetes/components/*/kustomization.yaml")} - {"ingress"},
            NAMES,
            id="deploy/kubernetes/components",
        ),
    ],
)
def test_a_list_written_by_hand_is_complete(named, expected):
    assert set(named) == set(expected)


@pytest.mark.parametrize("path", DERIVED, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_that_derives_from_the_components_is_current(path):
    assert path.is_file(), "missing: run `uv run python scripts/components.py`"
    assert path.read_text() == DERIVED[path](), "stale: run `uv run python scripts/components.py`"


@pytest.mark.parametrize("name", CALLED)
def test_a_group_of_components_builds_each(name):
    app = app_of(name)

    assert callable(app.build)
    assert hasattr(app, "upgrade") == (name in WITH_DATABASE)


@pytest.mark.parametrize("name", NAMES)
def test_a_component_is_known_everywhere(name):
    """All that is missing is listed at once."""
    known = {
        f"compose/{name}.yaml": name in composed(f"compose/{name}.yaml")["services"],
        "deploy/swarm/micro.yaml": name in composed("deploy/swarm/micro.yaml")["services"],
        "docs/components.md": f"](../services/{name}/README.md)" in (ROOT / "docs/components.md").read_text(),
        "README.md": re.search(rf"\b{name}\b", (ROOT / "README.md").read_text()) is not None,
    }

    missing = [place for place, found in known.items() if not found]
    assert not missing, "not known yet in\n" + "\n".join(missing)


@pytest.mark.parametrize("name", CALLED)
def test_the_storefront_can_be_told_where_a_component_is(name):
    assert f"{name}_url" in StorefrontSettings.model_fields


@pytest.mark.parametrize("name", WITH_DATABASE)
def test_a_database_is_migrated_wherever_it_is(name):
    assert {f"{name}-db", f"{name}-migration"} <= composed("deploy/swarm/micro.yaml")["services"].keys()
    assert {f"{name}-db", f"{name}-migration"} <= composed(f"compose/{name}.yaml")["services"].keys()
    assert (ROOT / f"services/{name}/src/twinshop/{name}/migrations/versions").is_dir()


@pytest.mark.parametrize("name", WITH_REDIS)
def test_an_account_in_redis_is_named_after_its_component(name):
    assert f"{name.upper()}_REDIS_URL" in composed(f"compose/{name}.yaml")["services"][name]["environment"]
