"""Every command that a document shows exists, with the options and files that it names."""

import re
import shlex
from contextlib import redirect_stderr
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
import yaml

from twinshop.lab import command_line

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE).group(1).split())
VARIABLES = set(re.findall(r"^([A-Z_]+) \?=", MAKEFILE, re.MULTILINE))
DOCUMENTS = [
    *(
        ROOT / name
        for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "monolith/README.md", "loadtests/README.md")
    ),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("services/*/README.md")),
]
CONTAINER = re.compile(r"twinshop-(mono|micro)-([a-z]+)-\d+")


def commands_of(document):
    """The commands that a document shows: lines of its blocks of code, and code within its text."""
    text = document.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"```(?:sh)?\n(.*?)```", text, re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    lines += re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    lines += [line.strip() for line in re.findall(r"^    (\S.*)$", text, re.MULTILINE)]
    return [re.split(r"\s+#\s|\s[|>&]", line)[0].strip() for line in lines]


def without_variables(line):
    """The words of a line from its program on, and the variables set before it."""
    words = shlex.split(line)
    own = [word for word in words if re.match(r"[A-Z_]+=", word)]
    at = next((number for number, word in enumerate(words) if not re.match(r"[A-Z_]+=", word)), len(words))
    return words[at:], own


@pytest.fixture(scope="module")
def lab():
    """The parser of the command line, with all verbs."""
    return command_line.parser()


def names(document):
    return document.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_every_make_command_exists(document):
    wrong = []
    for line in commands_of(document):
        if re.match(r"(?:[A-Z_]+=\S* )*make [a-z]", line) and "…" not in line and "*" not in line:
            words, own = without_variables(line)
            targets = {word for word in words[1:] if not re.match(r"[A-Z_]+=", word)}
            variables = {word.partition("=")[0] for word in own if word in words}
            if targets - TARGETS or variables - VARIABLES:
                wrong.append(line)
    assert wrong == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_every_lab_command_takes_its_arguments(document, lab):
    wrong = []
    for line in commands_of(document):
        found = re.match(r"(?:uv run |\.venv/bin/)(?:twinshop|lab) (.*)", line)
        if found and "…" not in line and not found[1].startswith("$"):
            arguments = shlex.split(found[1])
            if arguments == ["VERB", "--help"]:
                continue
            with redirect_stderr(StringIO()) as said:
                try:
                    lab.parse_args([each.replace("$1", "mono") for each in arguments])
                except SystemExit as end:
                    if end.code:
                        wrong.append((line, said.getvalue().splitlines()[-1]))
    assert wrong == []


@cache
def compose_services(file):
    """The services of a Compose file and of those that it includes."""
    content = yaml.safe_load((ROOT / "compose" / f"{file}.yaml").read_text())
    included = [compose_services(each.removesuffix(".yaml")) for each in content.get("include", [])]
    return {*content["services"], *(service for services in included for service in services)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_every_container_and_file_of_a_command_exists(document):
    wrong = []
    for line in commands_of(document):
        wrong += [line for shape, service in CONTAINER.findall(line) if service not in compose_services(shape)]
        if line.startswith(("docker compose", "docker build", "uv run locust", "uv run python")):
            files = re.findall(r"(?:-f |python )([\w./-]+\.(?:yaml|py)|[\w./-]+/)", line)
            wrong += [line for file in files if not (ROOT / file).exists()]
    assert wrong == []


def test_every_line_of_the_readmes_commands_is_one_that_is_checked():
    blocks = re.findall(r"```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]

    assert lines
    assert [line for line in lines if not re.match(r"make |uv run twinshop ", line)] == []
