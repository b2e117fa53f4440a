"""What contributors and tools read about the project is true: links, commands, citation, CI, hooks, whitespace."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LISTED = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
FILES = [ROOT / name for name in LISTED.split("\0") if name and (ROOT / name).is_file()]
DOCUMENTS = [file for file in FILES if file.suffix == ".md"]
GUIDES = ["CONTRIBUTING.md", "SECURITY.md", "NOTICE", "docs/releasing.md", ".github/pull_request_template.md"]
TARGETS = set(re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split())
AS_IT_IS = ("uv.lock", "docs/report/", *(f"services/storefront/src/twinshop/storefront/static/{name}/" for name in
            ("fonts", "pictures", "vendor")))  # fmt: skip
"""Third-party and generated files, which .editorconfig leaves alone."""


def name(path):
    return path.relative_to(ROOT).as_posix()


def parsed(file):
    return yaml.safe_load((ROOT / file).read_text())


def make_targets(text):
    return set(re.findall(r"\bmake ([a-z][a-z-]*)", text))


def steps():
    return [step for job in parsed(".github/workflows/ci.yml")["jobs"].values() for step in job["steps"]]


def test_every_link_between_files_leads_somewhere():
    broken = []
    for file in DOCUMENTS:
        text = re.sub(r"```.*?```|`[^`\n]*`", "", file.read_text(), flags=re.DOTALL)
        links = re.findall(r"\]\(([^)\s]+)\)", text)
        paths = [unquote(link.partition("#")[0]) for link in links if not re.match(r"[a-z]+:", link)]
        broken += [f"{name(file)}: {path}" for path in paths if path and not (file.parent / path).exists()]
    assert broken == []


@pytest.mark.parametrize("guide", GUIDES)
def test_every_make_command_in_a_guide_exists(guide):
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", (ROOT / guide).read_text(), re.DOTALL))
    assert make_targets(code) - TARGETS == set()


def test_the_contribution_guide_fits_a_screen_and_times_its_commands():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    table = text.partition("<!-- times -->")[2].split("\n\n")[1]

    assert len(text.splitlines()) <= 60
    assert make_targets(table) == {"test-fast", "lint", "test", "test-docker"}
    assert ".ci/run" in table


def test_the_readme_leads_to_the_licence_and_the_contribution_guide():
    text = (ROOT / "README.md").read_text()
    assert {"LICENSE", "NOTICE", "CONTRIBUTING.md"} <= set(re.findall(r"\]\(([^)]+)\)", text))


def test_the_citation_names_the_measured_data():
    citation, run = parsed("CITATION.cff"), json.loads((ROOT / "docs/report/run.json").read_text())
    (data,) = (reference for reference in citation["references"] if reference["type"] == "data")

    assert (citation["cff-version"], citation["type"], citation["license"]) == ("1.2.0", "software", "Apache-2.0")
    assert (ROOT / data["filename"]).is_file()
    assert f"Run {run['run']}, seed {run['seed']}, at commit {run['machine']['commit'][:7]}." in data["notes"]
    assert str(data["date-released"]) == run["ended"][:10]


def test_the_changelog_keeps_its_format():
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    kinds = set(re.findall(r"^### (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE))
    dates = [heading.rpartition(" ")[2] for heading in headings[1:]]

    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", heading) for heading in headings[1:])
    assert dates == sorted(dates, reverse=True)
    usual = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert kinds <= usual | {"Measurements", "Known limits"}


def test_the_workflow_runs_the_commands_of_the_ci_script():
    workflow = {match[1] for step in steps() if (match := re.match(r"make ([a-z-]+)$", step.get("run", "")))}
    script = make_targets("\n".join(re.findall(r"^ *(?:step|within) .*", (ROOT / ".ci/run").read_text(), re.MULTILINE)))

    assert script
    assert script <= workflow <= TARGETS
    assert {"install", "test-fast", "lint", "test", "test-docker"} == workflow


def test_the_workflow_installs_the_packages_of_the_ci_script():
    script = re.search(r"missing\+=\((apertium[^)]*)\)", (ROOT / ".ci/run").read_text())[1]
    workflow = " ".join(step.get("run", "") for step in steps())

    assert set(script.split()) | {"chromium-headless-shell"} <= set(workflow.split())


def test_the_workflow_can_do_no_more_than_it_needs():
    workflow = parsed(".github/workflows/ci.yml")

    assert workflow["permissions"] == {"contents": "read"}
    assert all("permissions" not in job and job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())
    assert all(step["with"]["persist-credentials"] is False for step in steps() if "checkout" in step.get("uses", ""))


def test_the_workflow_pins_each_action_to_a_commit_and_says_which_version_it_is():
    lines = re.findall(r"^ *- uses: (.*)$", (ROOT / ".github/workflows/ci.yml").read_text(), re.MULTILINE)
    assert lines
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in lines)


def test_the_workflow_requires_all_of_its_jobs_and_tests_the_oldest_python():
    jobs = parsed(".github/workflows/ci.yml")["jobs"]
    versions = jobs["fast"]["strategy"]["matrix"]["python-version"]
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]

    assert set(jobs["all-checks"]["needs"]) == jobs.keys() - {"all-checks"}
    assert versions[0] == oldest.removeprefix(">=")
    assert versions == [f"3.{minor}" for minor in range(11, 15)]


def test_dependabot_looks_at_every_dockerfile():
    updates = {update["package-ecosystem"]: update for update in parsed(".github/dependabot.yml")["updates"]}
    found = {file for folder in updates["docker"]["directories"] for file in ROOT.glob(f"{folder[1:]}/Dockerfile")}

    assert updates.keys() == {"github-actions", "uv", "docker"}
    assert found == {*ROOT.glob("*/Dockerfile"), *ROOT.glob("services/*/Dockerfile")}


def test_the_hooks_run_tools_that_are_installed():
    (repository,) = parsed(".pre-commit-config.yaml")["repos"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    installed = {re.match(r"[\w-]+", each)[0] for each in project["dependency-groups"]["dev"] if isinstance(each, str)}
    commands = [hook["entry"].split() for hook in repository["hooks"]]

    assert repository["repo"] == "local"
    assert {command[0].removeprefix(".venv/bin/") for command in commands} - installed == {"git", "make"}
    assert {command[1] for command in commands if command[0] == "make"} <= TARGETS


def test_text_files_end_their_lines_and_themselves_as_the_editor_configuration_says():
    wrong = []
    for file in FILES:
        content = file.read_bytes()
        if b"\0" in content or name(file).startswith(AS_IT_IS) or file.suffix == ".http" or not content:
            continue
        trailing = file.suffix != ".patch" and any(line != line.rstrip() for line in content.decode().split("\n"))
        if trailing or b"\r" in content or not content.endswith(b"\n"):
            wrong.append(name(file))
    assert wrong == []
