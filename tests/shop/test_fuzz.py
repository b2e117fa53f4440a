"""Requests that Schemathesis makes up from the API's own document: no crash, and every answer is one it documents."""

import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",  # errors are application/problem+json
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "unsupported_method",
)
EXAMPLES = 15
SEED = 1


@pytest.mark.parametrize("started", ["mono", "micro"], indirect=True)
def test_made_up_requests_get_documented_answers(shop, client, tmp_path):
    operations = sum(len(path) for path in client.get("/openapi.json").json()["paths"].values())
    options = ("--max-examples", str(EXAMPLES), "--seed", str(SEED), "--workers", "1", "--no-color")
    checks = ("--checks", ",".join(CHECKS), "--continue-on-failure")

    run = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{shop.url}/openapi.json", *options, *checks],
        cwd=tmp_path,  # where it keeps its files
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert run.returncode == 0, "\n".join(line[:300] for line in (run.stdout + run.stderr).splitlines())
    assert re.search(rf"Tested: {operations}\b", run.stdout)
