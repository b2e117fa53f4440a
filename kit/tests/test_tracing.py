"""Traces that are off cost nothing: looked at in processes of their own, because imports cannot be undone."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

ASK = """
import json, sys
from fastapi import APIRouter
from twinshop.kit import tracing
from twinshop.kit.app import create_app
from twinshop.kit.observe import observed
from twinshop.kit.settings import ServerSettings
{before}
class Port:
    async def ask(self): ...
app = create_app([], ServerSettings(), title="Probe")
call = observed("probe", Port(), remote=False).ask
print(json.dumps({{
    "imported": any(name.startswith(("opentelemetry.sdk", "opentelemetry.exporter")) for name in sys.modules),
    "layers": [layer.cls.__name__ for layer in app.user_middleware],
    "wrapped": call.__wrapped__.__qualname__,
}}))
tracing.end()
"""
OFF = '{"imported": false, "layers": ["Edge"], "wrapped": "Port.ask"}'
NOWHERE = "http://127.0.0.1:9"


def asked(before="", **environment):
    rest = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    return subprocess.run(
        [sys.executable, "-c", ASK.format(before=before)],
        env={**rest, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": NOWHERE, "OTEL_SDK_DISABLED": "true"},
    ],
    ids=["unset", "empty", "disabled"],
)
def test_without_an_endpoint_nothing_is_imported_added_or_wrapped(environment):
    assert asked(**environment).stdout.strip() == OFF


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_an_endpoint_switches_them_on(name):
    answer = asked(**{name: NOWHERE}).stdout.strip()

    assert answer == OFF.replace("false", "true").replace('"Edge"', '"TracedRequests", "Edge"')


def test_an_endpoint_without_the_extra_is_told_and_does_no_harm():
    run = asked('sys.modules["opentelemetry.sdk"] = None', OTEL_EXPORTER_OTLP_ENDPOINT=NOWHERE)

    assert '"layers": ["Edge"]' in run.stdout
    assert "twinshop-kit[tracing] is not installed" in run.stderr
