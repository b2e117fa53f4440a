"""`make release` builds only what is consistent; tried on a copy of the files that state the version."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
GIT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def module():
    spec = importlib.util.spec_from_file_location("release", ROOT / "scripts" / "release.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


release = module()
VERSION = release.project_version(ROOT)


def git(folder, *arguments):
    who = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, env=GIT, check=True, capture_output=True)


def commit(folder):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "State of the test")


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """A working tree with the files that a release reads, all of them committed."""
    folder = tmp_path_factory.mktemp("committed")
    files = [file for glob, _ in release.PLACES for file in ROOT.glob(glob)]
    for file in [*files, ROOT / "CHANGELOG.md", ROOT / ".gitignore"]:
        (folder / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, folder / file.relative_to(ROOT))
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


@pytest.fixture
def copy(committed, tmp_path, monkeypatch):
    """A copy of it to change, on a machine without a Docker engine."""
    for name in os.environ.keys() - GIT.keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    return shutil.copytree(committed, tmp_path / "copy")


def refusal(folder, capsys):
    assert release.main(["--root", str(folder), "--dry-run"]) == 1
    return capsys.readouterr().err


def replace(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_every_file_states_the_same_version():
    stated = dict(release.stated_versions(ROOT))

    assert set(stated.values()) == {VERSION}
    files = {ROOT / place.rpartition(":")[0] for place in stated}
    assert [glob for glob, _ in release.PLACES if files.isdisjoint(ROOT.glob(glob))] == [], (
        "patterns that match nothing"
    )


def test_the_files_of_this_repository_are_consistent():
    assert release.inconsistencies(ROOT) == []


def test_no_other_file_of_the_product_states_the_version():
    packages = ("contracts", "kit", "lab", "monolith", "services", "shoppers")
    searched = ("Makefile", "compose", "deploy", "loadtests", *packages)
    command = ["git", "grep", "-nE", rf"(^|[^0-9.]){re.escape(VERSION)}($|[^0-9.])", "--", *searched, ":!*/tests/*"]
    found = subprocess.run(command, cwd=ROOT, env=GIT, capture_output=True, text=True, check=False).stdout
    places = {":".join(line.split(":")[:2]) for line in found.splitlines()}

    assert places - dict(release.stated_versions(ROOT)).keys() == set()


def test_a_dry_run_lists_the_artefacts_and_builds_nothing(copy, capsys):
    assert release.main(["--root", str(copy), "--dry-run"]) == 0
    told = capsys.readouterr().out

    assert f"dist/twinshop-{VERSION}" in told
    assert f"twinshop_storefront-{VERSION}-py3-none-any.whl" in told
    assert f"twinshop_lab-{VERSION}.tar.gz" in told
    assert "Images are skipped, because no Docker engine answers." in told
    assert not (copy / "dist").exists()


def test_a_private_package_is_not_released(copy, capsys):
    replace(copy / "lab/pyproject.toml", "[project]\n", '[project]\nclassifiers = ["Private :: Do Not Upload"]\n')
    commit(copy)
    assert release.main(["--root", str(copy), "--dry-run"]) == 0
    told = capsys.readouterr().out

    assert "twinshop_kit-" in told
    assert "twinshop_lab-" not in told


def test_uncommitted_changes_are_refused(copy, capsys):
    (copy / "new.txt").write_text("not committed")
    assert "uncommitted changes. Commit or remove them:\n?? new.txt" in refusal(copy, capsys)


def test_a_version_without_a_section_in_the_changelog_is_refused(copy, capsys):
    replace(copy / "CHANGELOG.md", f"## [{VERSION}]", "## [0.0.1]")
    commit(copy)
    told = refusal(copy, capsys)

    assert f"CHANGELOG.md has no text for version {VERSION}: move the entries under [Unreleased]" in told


def test_versions_that_disagree_are_refused_by_file_and_line(copy, capsys):
    replace(copy / "kit/pyproject.toml", f'version = "{VERSION}"', 'version = "7.7.7"')
    replace(copy / "deploy/kubernetes/overlays/mono/kustomization.yaml", f"newTag: {VERSION}", "newTag: 7.7.6")
    commit(copy)
    told = refusal(copy, capsys)

    assert "  kit/pyproject.toml:3 says 7.7.7" in told
    assert re.search(r"  deploy/kubernetes/overlays/mono/kustomization.yaml:\d+ says 7.7.6", told)
    assert f"Run `python scripts/release.py set-version {VERSION}`." in told


def test_dates_that_disagree_are_refused(copy, capsys):
    replace(copy / "CITATION.cff", "\ndate-released: ", "\ndate-released: 1")
    commit(copy)
    assert "The release dates disagree" in refusal(copy, capsys)


def test_every_problem_is_named_at_once(copy, capsys):
    replace(copy / "CHANGELOG.md", f"## [{VERSION}]", "## [0.0.1]")
    replace(copy / "kit/pyproject.toml", f'version = "{VERSION}"', 'version = "7.7.7"')
    told = refusal(copy, capsys)

    assert all(text in told for text in ("uncommitted", "CHANGELOG.md has no text", "7.7.7"))


def test_set_version_writes_every_place(copy):
    lock = set((copy / "uv.lock").read_text().splitlines())
    assert release.main(["--root", str(copy), "set-version", "12.34.56"]) == 0

    assert {version for _, version in release.stated_versions(copy)} == {"12.34.56"}
    assert set((copy / "uv.lock").read_text().splitlines()) - lock == {'version = "12.34.56"'}


def test_set_version_refuses_what_is_not_a_version(copy, capsys):
    assert release.main(["--root", str(copy), "set-version", "v2"]) == 1
    assert capsys.readouterr().err == "Invalid version 'v2': write three numbers, such as 0.2.0.\n"


CHANGELOG = """# Changelog

## [Unreleased]

- later

## [1.2.0] - 2026-01-02

### Added

- one
- two

## [1.1.0] - 2026-01-01

[1.2.0]: https://example.com
"""


def test_release_notes_are_the_section_of_the_version():
    assert release.release_notes(CHANGELOG, "1.2.0") == "### Added\n\n- one\n- two\n"


@pytest.mark.parametrize("version", ["1.1.0", "1.2", "1x2.0", "3.0.0"])
def test_an_absent_or_empty_section_has_no_release_notes(version):
    with pytest.raises(release.ReleaseError, match=re.escape(f"no text for version {version}")):
        release.release_notes(CHANGELOG, version)


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Stand-ins for uv and make: packages with the licence files in `licences`, and an SBOM."""
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "uv").write_text(
        f"#!{sys.executable}\n"
        "import os, pathlib, sys, zipfile\n"
        "folder = pathlib.Path(sys.argv[sys.argv.index('--out-dir') + 1])\n"
        "name = sys.argv[sys.argv.index('--package') + 1]\n"
        f"stem = name.replace('-', '_') + '-{VERSION}'\n"
        "(folder / f'{stem}.tar.gz').write_bytes(stem.encode())\n"
        "with zipfile.ZipFile(folder / f'{stem}-py3-none-any.whl', 'w') as wheel:\n"
        "    for licence in os.environ['LICENCES'].split():\n"
        "        wheel.writestr(f'{stem}.dist-info/licenses/{licence}', '')\n"
    )
    (folder / "make").write_text('#!/bin/sh\nprintf "{}" > "${2#SBOM=}"\n')
    for tool in folder.iterdir():
        tool.chmod(0o755)
    monkeypatch.setenv("UV", str(folder / "uv"))
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return monkeypatch


def test_a_release_holds_what_the_dry_run_lists_with_right_checksums(copy, tools, capsys):
    tools.setenv("LICENCES", "LICENSE NOTICE")
    stale = copy / "dist" / f"twinshop-{VERSION}" / "stale.whl"
    stale.parent.mkdir(parents=True)
    stale.touch()
    assert release.main(["--root", str(copy)]) == 0, capsys.readouterr().err

    files = {file.name: file for file in stale.parent.iterdir()}
    sums = dict(reversed(line.split()) for line in files["SHA256SUMS"].read_text().splitlines())
    assert files.keys() == set(release.artefacts(copy))
    assert sums.keys() == files.keys() - {"SHA256SUMS"}
    assert all(hashlib.sha256(files[name].read_bytes()).hexdigest() == digest for name, digest in sums.items())
    assert files["RELEASE_NOTES.md"].read_text() == release.release_notes((copy / "CHANGELOG.md").read_text(), VERSION)


def test_a_package_without_its_licence_is_refused(copy, tools, capsys):
    tools.setenv("LICENCES", "NOTICE")
    assert release.main(["--root", str(copy)]) == 1
    assert re.search(r"twinshop_\w+-\S+\.whl lacks LICENSE", capsys.readouterr().err)
    assert not list(copy.glob("dist/*/SHA256SUMS"))


@pytest.mark.parametrize(("options", "dry"), [((), False), (("DRY_RUN=1",), True)])
def test_make_passes_the_dry_run_on(options, dry):
    done = subprocess.run(["make", "-n", "release", *options], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ("scripts/release.py --dry-run" in done.stdout) is dry
    assert "scripts/release.py" in done.stdout


def test_make_images_takes_the_version_of_the_project():
    done = subprocess.run(["make", "-n", "images"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert f":{VERSION}" in done.stdout
    assert f"org.opencontainers.image.version={VERSION}" in done.stdout
