"""Every part of the repository carries its licence, and third-party files are named with theirs."""

import re
import subprocess
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "services/storefront/src/twinshop/storefront/static"
MEMBERS = sorted(file.parent for pattern in ("*", "services/*") for file in ROOT.glob(f"{pattern}/pyproject.toml"))
DOCKERFILES = sorted([*ROOT.glob("*/Dockerfile"), *ROOT.glob("services/*/Dockerfile")])
BINARY = {".eot", ".ico", ".jar", ".jpg", ".otf", ".so", ".ttf", ".webp", ".whl", ".woff", ".woff2"}


def name(path):
    return path.relative_to(ROOT).as_posix()


def project(folder):
    return tomllib.loads((folder / "pyproject.toml").read_text())["project"]


def licence_texts(folder):
    return {file for file in folder.iterdir() if re.search(r"LICENSE|NOTICE", file.name)}


def third_party():
    """The rows of the table in NOTICE: a pattern of files, and their licence text."""
    rows = re.findall(r"^(\w+/\S+) .* (\w+/\S*LICENSE)$", (ROOT / "NOTICE").read_text(), re.MULTILINE)
    return [(set(STATIC.glob(pattern)), STATIC / text) for pattern, text in rows]


@pytest.mark.parametrize("folder", [ROOT, *MEMBERS], ids=name)
def test_each_project_states_the_licence_and_has_its_text(folder):
    assert project(folder)["license"] == "Apache-2.0"
    assert "LICENSE" in project(folder)["license-files"]
    for file in project(folder)["license-files"]:
        assert (folder / file).read_bytes() == (ROOT / file).read_bytes()


@pytest.mark.parametrize("folder", MEMBERS, ids=name)
def test_the_build_backend_finds_the_licence_of_each_package(folder):
    metadata = distribution(project(folder)["name"]).metadata

    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == project(folder)["license-files"]


def test_the_licence_is_complete():
    assert (ROOT / "LICENSE").read_bytes() == (STATIC / "vendor/swagger-ui.LICENSE").read_bytes()
    assert "END OF TERMS AND CONDITIONS" in (ROOT / "LICENSE").read_text()


def test_the_storefront_ships_the_notice():
    assert "NOTICE" in project(ROOT / "services/storefront")["license-files"]


def test_the_notice_names_every_third_party_file_and_its_licence_text():
    rows = third_party()
    assert rows
    for files, text in rows:
        assert files
        assert text.is_file()
        for folder in {file.parent for file in files}:
            named = set.union(*(files for files, _ in rows))
            assert set(folder.iterdir()) - named - licence_texts(folder) == set()


@pytest.mark.integration
def test_binary_and_minified_files_are_nowhere_else():
    folders = {file.parent for files, _ in third_party() for file in files}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = {
        ROOT / line
        for line in listed.splitlines()
        if Path(line).suffix in BINARY or line.endswith((".min.js", ".min.css"))
    }
    assert found
    assert {file for file in found if file.parent not in folders} == set()


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=name)
def test_each_image_states_its_title_and_licence(dockerfile):
    last_stage = dockerfile.read_text().rpartition("\nFROM ")[2]
    assert 'org.opencontainers.image.licenses="Apache-2.0"' in last_stage
    assert re.search(r'org\.opencontainers\.image\.title="Twinshop [a-z ]+"', last_stage)
