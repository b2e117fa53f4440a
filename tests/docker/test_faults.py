"""Faults in containers: planted past the edge, and never through it."""

import json

import pytest

from twinshop.contracts.components import NAMES

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1200)]

ERRORS = {"component": "catalog", "kind": "errors", "seconds": 60}
ASK = """
import os, sys, urllib.error, urllib.request
method, path, body, token = sys.argv[1:]
request = urllib.request.Request(
    f"http://127.0.0.1:8000{path}", body.encode() or None, method=method,
    headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
)
try:
    print(urllib.request.urlopen(request, timeout=10).status)
except urllib.error.HTTPError as error:
    print(error.status)
"""


@pytest.fixture
def inside():
    """Asks a process from within its container; the status of its answer."""

    def ask(project, service, method, path, body=None):
        text = "" if body is None else json.dumps(body)
        token = project.environment.get("TWINSHOP_FAULT_TOKEN", "none")
        return int(project.inside(service, "python", "-c", ASK, method, path, text, token))

    return ask


def test_the_edge_lets_nobody_through_to_the_faults_and_the_metrics(mono, inside):
    authorised = {"authorization": f"Bearer {mono.environment['TWINSHOP_FAULT_TOKEN']}"}
    assert inside(mono, "monolith", "GET", "/faults") == 200
    assert inside(mono, "monolith", "GET", "/metrics") == 200
    with mono.client() as client:
        for path in ("/faults", "/faults/catalog", "/%66aults", "/fault%73/catalog", "/metrics", "/%6detrics"):
            answer = client.get(path, headers=authorised)

            assert (answer.status_code, "twinshop" in answer.text) == (404, False), path
        assert client.post("/faults", json=ERRORS, headers=authorised).status_code == 404
        assert client.get("/api/products").status_code == 200


def test_a_fault_planted_in_the_container_strikes_all_its_workers_until_it_is_healed(mono, inside, sells):
    assert inside(mono, "monolith", "POST", "/faults", ERRORS) == 201
    try:
        for _ in range(10):
            with mono.client() as client:  # a connection of its own: any worker
                assert client.get("/api/products").status_code == 503
    finally:
        assert inside(mono, "monolith", "DELETE", "/faults/catalog") == 204

    assert sells(mono)


@pytest.mark.parametrize("component", NAMES)
def test_without_a_token_there_is_nothing_to_plant_with(micro, inside, component):
    assert inside(micro, component, "GET", "/faults") == 404
