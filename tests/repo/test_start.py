"""What a process imports and builds before it is ready: nothing that it does not need."""

import json
import subprocess
import sys

import pytest

from twinshop.contracts.components import CALLED, NAMES, WITH_DATABASE

pytestmark = pytest.mark.integration

NEEDLESS = ("alembic", "babel", "email_validator", "opentelemetry.sdk", "psutil", "pydantic.v1", "rich", "schemathesis")
"""Packages that are there in a development environment, and are used rarely or by others."""
ENVIRONMENT = {
    "STOREFRONT_SECRET": "a secret of this test",
    **{f"STOREFRONT_{name.upper()}_URL": "http://127.0.0.1:9" for name in CALLED},
}
PROGRAM = """
import json, sys
from importlib import import_module
app = import_module(f"twinshop.{sys.argv[1]}.app").create_app()
paths = [route.path for route in app.routes]
print(json.dumps({"modules": [name for name, module in sys.modules.items() if module], "paths": paths}))
"""


@pytest.fixture(scope="module", params=(*NAMES, "monolith"))
def started(request, tmp_path_factory):
    """The modules and routes of a process that has built its app."""
    folder = tmp_path_factory.mktemp(request.param)
    stores = {f"{name.upper()}_DATABASE_URL": f"sqlite:///{folder}/{name}.db" for name in WITH_DATABASE}
    command = [sys.executable, "-c", PROGRAM, request.param]
    run = subprocess.run(command, env=ENVIRONMENT | stores, capture_output=True, text=True, check=True)
    return request.param, json.loads(run.stdout)


def test_a_start_imports_nothing_needless(started):
    _, found = started

    needless = [name for name in found["modules"] for prefix in NEEDLESS if f"{name}.".startswith(f"{prefix}.")]
    assert needless == []


def test_routes_that_nobody_can_reach_are_not_built(started):
    name, found = started

    inside = [
        path for path in found["paths"] if path.startswith(("/catalog/", "/cart/carts", "/payment/", "/translate/"))
    ]
    assert bool(inside) == (name not in {"storefront", "monolith"})
