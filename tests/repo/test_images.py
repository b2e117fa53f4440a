"""The public images: named in one place, pinned by one command; and what the containers of Compose may use at most."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from twinshop.contracts.components import NAMES

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
LISTED = {line for line in (ROOT / "deploy/images.txt").read_text().splitlines() if line and not line.startswith("#")}
DOCKERFILES = [*ROOT.glob("*/Dockerfile"), *ROOT.glob("services/*/Dockerfile"), *ROOT.glob("compose/*.Dockerfile")]
STACKS = [*ROOT.glob("compose/*.yaml"), *ROOT.glob("deploy/swarm/*.yaml")]
PROGRAMS = [
    ROOT / "lab/src/twinshop/lab" / name
    for name in ("environments/kubernetes/stores.py", "environments/docker/disks.py", "bench/images.py")
]
DIGEST = "sha256:" + "0123456789abcdef" * 4
UV = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]


def bases(file):
    """The images that a Dockerfile begins with, its own stages left out."""
    text = file.read_text()
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", text, re.MULTILINE))
    return set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) - stages


def services():
    for file in STACKS:
        for name, service in (yaml.safe_load(file.read_text()).get("services") or {}).items():
            yield pytest.param(file, service, id=f"{file.parent.name}/{file.name}:{name}")


def test_every_public_image_is_named_as_in_the_list():
    named = set().union(*map(bases, DOCKERFILES))
    named |= {service.values[1]["image"] for service in services() if "image" in service.values[1]}
    for file in PROGRAMS:
        named |= set(re.findall(r'"((?:python|redis|postgres):[^"/{]+)"', file.read_text()))
    assert {name for name in named if "twinshop/" not in name} == LISTED


@pytest.fixture
def checkout(tmp_path):
    """A copy of the files that name images."""
    for file in [*DOCKERFILES, *STACKS, *PROGRAMS, ROOT / "deploy/images.txt", ROOT / "deploy/pin-images.sh"]:
        copy = tmp_path / "it's here" / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    return tmp_path / "it's here"


def content(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def pin(checkout, registry, *arguments):
    """Run the script with a `docker` that answers as `registry`, a shell command, does."""
    folder = checkout.parent / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "docker").write_text(f"#!/bin/sh\n{registry}\n")
    (folder / "docker").chmod(0o755)
    return subprocess.run(
        [checkout / "deploy/pin-images.sh", *arguments],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_one_command_pins_every_image_everywhere_and_unpins_it(checkout):
    before = content(checkout)
    answer = f"""echo '{{"mediaType":"x","digest":"{DIGEST}","size":1}}'"""

    assert pin(checkout, answer, "--tags").returncode == 0
    plain = content(checkout)
    for _ in range(2):  # a second time changes nothing
        done = pin(checkout, answer)
        assert done.returncode == 0, done.stderr
        pinned = content(checkout)
        wanted = {f"{name.partition('@')[0]}@{DIGEST}" for name in LISTED}
        assert set(done.stdout.split()) == wanted
        assert bases(checkout / "monolith/Dockerfile") == {f"python:3.13-slim@{DIGEST}"}
        assert bases(checkout / "compose/edge.Dockerfile") == {f"haproxy:3.0@{DIGEST}"}
        assert f'"image": "postgres:17@{DIGEST}"' in (checkout / PROGRAMS[0].relative_to(ROOT)).read_text()
        assert {name for name in pinned if pinned[name] != plain[name]} >= {Path("deploy/images.txt")}
    assert pin(checkout, answer, "--tags").returncode == 0
    assert content(checkout) == plain
    assert before.keys() == plain.keys()


def test_without_a_registry_the_names_stay_and_the_command_says_so(checkout):
    before = content(checkout)
    done = pin(checkout, "exit 1")
    assert done.returncode == 1
    assert "redis:8: its digest cannot be looked up" in done.stderr
    assert content(checkout) == before


def test_uv_and_its_build_backend_have_one_version():
    for file in (file for file in DOCKERFILES if "install" in file.read_text() and "uv " in file.read_text()):
        assert re.findall(r"\bpip install .*\buv(\S*)", file.read_text()) == [f"=={UV}"], file
    assert set(re.findall(r"\buv(==\S+?)?(?=; )", (ROOT / "Makefile").read_text())) <= {"==$(UV_VERSION)", ""}
    projects = [file for pattern in ("*/pyproject.toml", "services/*/pyproject.toml") for file in ROOT.glob(pattern)]
    assert len(projects) == len(NAMES) + len(("contracts", "kit", "monolith", "shoppers", "lab", "testing"))
    for file in projects:
        assert tomllib.loads(file.read_text())["build-system"]["requires"] == [f"uv_build=={UV}"]


def test_what_is_copied_into_an_image_is_readable_by_its_user():
    """Files have the modes of the checkout (umask 077: nobody's but the owner's), and no image runs as that owner."""
    for file in DOCKERFILES:
        last = re.split(r"^FROM ", file.read_text(), flags=re.MULTILINE)[-1]
        for line in re.findall(r"^COPY (.*)$", last, re.MULTILINE):
            target = line.split()[-1]
            if "--from=" in line:
                continue  # made or opened in that stage
            assert re.search(rf"^RUN chmod \S+( \S+)* {re.escape(target)}", last, re.MULTILINE), (file, line)
        for folder in re.findall(r"^COPY --from=\S+ (/code|/loadtests) ", last, re.MULTILINE):
            assert f"chmod -R a+rX {folder}" in file.read_text(), file


@pytest.mark.parametrize(("file", "service"), list(services()))
def test_no_service_mounts_a_file_of_the_checkout(file, service):
    volumes = service.get("volumes", [])
    assert not [each for each in volumes if isinstance(each, str) and each.startswith((".", "/"))]
    assert not [each for each in volumes if isinstance(each, dict) and each["type"] == "bind"]


def limits(file, service):
    """The limits of a Compose service, with those of what it extends."""
    inherited = {}
    if "extends" in service:
        base = file.parent / service["extends"]["file"]
        inherited = limits(base, yaml.safe_load(base.read_text())["services"][service["extends"]["service"]])
    keys = ("mem_limit", "pids_limit", "tmpfs")
    return {**inherited, **{key: service[key] for key in keys if key in service}}


@pytest.mark.parametrize(
    ("file", "service"),
    [each for each in services() if not any(word in each.id for word in ("swarm", "tracing", "neural"))],
)
def test_every_container_of_compose_has_limits(file, service):
    found = limits(file, service)
    assert found.keys() >= {"mem_limit", "pids_limit"}
    assert all(":size=" in each for each in found.get("tmpfs", ()))
