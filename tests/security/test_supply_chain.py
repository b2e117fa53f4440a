"""`make sbom` lists what is shipped, `make audit` finds what is known to be weak; against a stand-in for osv.dev."""

import json
import subprocess
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEAKNESS = {
    "id": "PYSEC-0000-1",
    "modified": "2026-01-01T00:00:00Z",
    "summary": "A planted weakness",
    "affected": [{"package": {"name": "jinja2", "ecosystem": "PyPI"}}],
}


def make(*arguments):
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


@pytest.fixture
def database():
    """Knows of the weaknesses of the packages in `weak`; what it was asked for is in `asked`."""

    class Answers(BaseHTTPRequestHandler):
        weak, asked = set(), set()

        def do_POST(self):
            queries = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
            names = [query["package"]["name"] for query in queries]
            self.asked.update(names)
            found = {"vulns": [{"id": WEAKNESS["id"], "modified": WEAKNESS["modified"]}]}
            self.answer({"results": [found if name in self.weak else {} for name in names]})

        def do_GET(self):
            self.answer(WEAKNESS)

        def answer(self, value):
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        Answers.url = f"http://127.0.0.1:{server.server_port}/"
        yield Answers
        server.shutdown()


def locked():
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    return {package["name"] for package in packages if "registry" in package["source"]}


@pytest.mark.integration
def test_the_audit_asks_for_every_locked_package_and_finds_nothing(database):
    done = make("audit", f"AUDIT=--service-url {database.url}")

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(database.asked) > 100
    assert database.asked <= locked()


@pytest.mark.integration
def test_the_audit_fails_on_a_weakness_and_names_it(database):
    database.weak.add("jinja2")
    done = make("audit", f"AUDIT=--service-url {database.url}")

    assert done.returncode != 0
    assert "jinja2" in done.stdout + done.stderr
    assert WEAKNESS["id"] in done.stdout + done.stderr


@pytest.mark.integration
def test_the_list_of_what_is_shipped_has_every_package_with_its_version(tmp_path):
    file = tmp_path / "list" / "sbom.json"
    done = make("sbom", f"SBOM={file}")
    assert done.returncode == 0, done.stderr
    document = json.loads(file.read_text())
    shipped = {each["name"]: each for each in document["components"]}

    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    assert {"fastapi", "sqlalchemy", "redis", "httptools", "twinshop-payment"} <= shipped.keys()
    assert not {"pytest", "locust", "scipy"} & shipped.keys(), "of the lab and the tests"
    for name in shipped.keys() & locked():
        assert shipped[name]["purl"] == f"pkg:pypi/{name}@{shipped[name]['version']}"
