"""`make help`, the Makefile and the README agree."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
PHONY = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE).group(1).split())


@pytest.mark.integration
def test_help_lists_every_target():
    done = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^  make ([a-z-]+) ", done.stdout, re.MULTILINE)) == PHONY


def test_every_target_has_one_line_of_help():
    targets = re.findall(r"^([a-z][a-z-]*):(.*)$", MAKEFILE, re.MULTILINE)
    assert {name for name, rest in targets if " ## " in rest} == {name for name, _ in targets} == PHONY


def test_there_are_not_too_many_targets():
    assert len(PHONY) <= 27, "`make help` stays on one screen"


@pytest.mark.integration
@pytest.mark.parametrize(("shape", "other"), [("mono", 8200), ("micro", 8100)])
def test_a_shape_at_its_own_port_links_to_the_other_one(shape, other):
    def commands(*options):
        return subprocess.run(
            ["make", "-n", f"up-{shape}", *options], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    assert f"STOREFRONT_OTHER_SHAPE_URL:-http://localhost:{other}" in commands()
    assert "STOREFRONT_OTHER_SHAPE_URL" not in commands("PORT=9000")


def test_every_make_command_in_the_readme_exists():
    text = (ROOT / "README.md").read_text()
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", code))
    assert named
    assert named - PHONY == set()
