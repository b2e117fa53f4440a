"""Rules about the repository itself."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from twinshop.lab.experiments.registry import PACKAGES

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.name for path in (ROOT / "services").iterdir() if (path / "pyproject.toml").is_file())


@pytest.mark.integration
def test_the_import_rules_hold():
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr


def test_every_experiment_is_kept_from_importing_another():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (modules,) = (each["modules"] for each in contracts if each["name"] == "No experiment knows another")

    assert set(modules) == {f"twinshop.lab.experiments.{package}" for package in PACKAGES.values()}


def test_no_package_closes_the_namespace():
    assert list(ROOT.glob("*/src/twinshop/__init__.py")) + list(ROOT.glob("services/*/src/twinshop/__init__.py")) == []


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_ships_alone(service):
    needed = {"Dockerfile", "README.md", "compose.yaml", "pyproject.toml", "src", "tests"}

    assert needed <= {path.name for path in (ROOT / "services" / service).iterdir()}
    assert (ROOT / "compose" / f"{service}.yaml").is_file()


def test_no_dockerfile_is_as_long_as_another():
    """
    BuildKit tells files apart by name, length and time of change (moby/buildkit#1368).

    A checkout writes many files within one tick of the clock: the second of two builds would get the first one's image.
    """
    files = [*ROOT.glob("*/Dockerfile"), *ROOT.glob("services/*/Dockerfile")]
    lengths = [file.stat().st_size for file in files]

    assert len(files) == len(SERVICES) + 2
    assert len(set(lengths)) == len(lengths)


def test_the_monolith_is_made_of_the_very_same_packages():
    project = tomllib.loads((ROOT / "monolith" / "pyproject.toml").read_text())
    sources = list((ROOT / "monolith" / "src").rglob("*.py"))

    assert {f"twinshop-{service}" for service in SERVICES} <= set(project["project"]["dependencies"])
    assert sum(len(path.read_text().splitlines()) for path in sources) < 200, "wiring only"


def settings_of(source):
    """The environment variables that a settings class reads."""
    prefix = re.search(r'env_prefix="(\w+)"', source)
    assert prefix is not None
    return {prefix[1] + name.upper() for name in re.findall(r"^    (\w+): .+ = Field\(", source, re.MULTILINE)}


@pytest.mark.parametrize("service", SERVICES)
def test_each_readme_lists_the_settings_that_the_code_reads(service):
    code = (ROOT / "services" / service / "src" / "twinshop" / service / "settings.py").read_text()
    readme = (ROOT / "services" / service / "README.md").read_text()

    missing = {name for name in settings_of(code) if name not in readme}
    assert not missing


READ = {".py", ".md", ".yaml", ".toml", ".cfg", ".html", ".json", ".jsonl"}


@pytest.mark.integration
def test_nothing_names_a_place_that_only_one_machine_has():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wrong = []
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.suffix in READ and path != Path(__file__):
            text = path.read_text()
            wrong += [name for place in ("/work/", "/root/", "/home/") if place in text]
    assert not wrong
