"""Which code runs, told by its digest."""

import os
import subprocess
import sys
from types import ModuleType

import pytest

from twinshop.kit import code

ASK = "import twinshop.patched; from twinshop.kit.code import digest; print(digest())"


@pytest.fixture
def digest_with(tmp_path):
    """The digest of a process that has imported a module with this text."""
    (tmp_path / "twinshop").mkdir()

    def told(text):
        (tmp_path / "twinshop" / "patched.py").write_text(text)
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return told


@pytest.mark.integration
def test_the_same_code_has_the_same_digest_and_another_line_another(digest_with):
    first = digest_with("limit = 1\n")

    assert len(first) == 12
    assert digest_with("limit = 1\n") == first != digest_with("limit = 2\n")


def test_a_module_that_another_thread_imports_meanwhile_does_not_matter(monkeypatch):
    class Growing(dict):
        def items(self):
            for each in super().items():
                self[f"imported.after.{each[0]}"] = ModuleType("late")
                yield each

    monkeypatch.setattr(code.sys, "modules", Growing(sys.modules))

    assert len(code.digest()) == 12
