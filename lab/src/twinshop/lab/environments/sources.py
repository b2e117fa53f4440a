"""A throw-away copy of what images are made from, and one changed line in it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONTEXT = (
    ".dockerignore",
    "pyproject.toml",
    "uv.lock",
    "contracts",
    "kit",
    "services",
    "monolith",
    "shoppers/pyproject.toml",
    "lab/pyproject.toml",
    "testing/pyproject.toml",
)
"""What the images are built from."""
_IGNORED = shutil.ignore_patterns("__pycache__", "*.egg-info", ".venv", "dist", "build", "tests")


@contextmanager
def copied(root: Path, parent: Path | None = None) -> Iterator[Path]:
    """
    A copy of the sources that is gone at the end, so that nothing is ever changed in the repository itself.

    Args:
        root: the repository.
        parent: the folder in which the copy is made; by default that for temporary files.
    """
    with tempfile.TemporaryDirectory(prefix="twinshop-sources-", dir=parent) as folder:
        copy = Path(folder)
        for name in CONTEXT:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name, ignore=_IGNORED)
            else:
                shutil.copy2(root / name, copy / name)
        yield copy


def package(root: Path, part: str) -> Path:
    """The folder of a part's code: `contracts`, `kit`, `monolith` or a component."""
    base = root / part if (root / part).is_dir() else root / "services" / part
    return base / "src" / "twinshop" / part


@contextmanager
def changed_line(root: Path, part: str, token: str) -> Iterator[None]:
    """
    Change one line of a part's code for a while: in the documentation of its package, on which nothing depends.

    Args:
        root: of the copy.
        part: `contracts`, `kit`, `monolith` or a component.
        token: makes the change one that no cache has seen.
    """
    file = _front(root, part)
    with _written(file, _changed(file, token)):
        yield


def change_line(root: Path, part: str, token: str) -> None:
    """The same for good."""
    file = _front(root, part)
    file.write_text(_changed(file, token), encoding="utf-8")


@contextmanager
def bad_line(root: Path, part: str, token: str) -> Iterator[None]:
    """One line more for a while, with which no process that has this part comes up. As `changed_line`."""
    file = _front(root, part)
    with _written(file, f"{file.read_text(encoding='utf-8')}\nraise RuntimeError('a bad patch: {token}')\n"):
        yield


def _front(root: Path, part: str) -> Path:
    return package(root, part) / "__init__.py"


def _changed(file: Path, token: str) -> str:
    first, second, *others = file.read_text(encoding="utf-8").split("\n")
    return "\n".join([first, f"{second} (patch {token})", *others])


@contextmanager
def _written(file: Path, text: str) -> Iterator[None]:
    before = file.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")
