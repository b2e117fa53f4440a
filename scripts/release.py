"""
Check that a release is consistent, and build it into dist/twinshop-VERSION.

`make release` runs this module; docs/releasing.md lists the steps around it. `set-version` writes a new version into
every file that states one.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]

PLACES = (
    ("pyproject.toml", r'^version = "(.+)"$'),
    ("*/pyproject.toml", r'^version = "(.+)"$'),
    ("services/*/pyproject.toml", r'^version = "(.+)"$'),
    ("uv.lock", r'^name = "twinshop[^"]*"\nversion = "(.+)"$'),
    ("CITATION.cff", r"^version: (.+)$"),
    ("kit/src/twinshop/kit/app.py", r'^ +version="(.+)",$'),
    ("deploy/**/*.yaml", r"(?:\bnewTag: |\$\{TAG:-)(\d+\.\d+\.\d+)"),
    ("docs/*.md", r"(?:[ _]TAG=|TAG` \| `|none, `|\btwinshop/\S+:)(\d+\.\d+\.\d+)"),
)
"""The files that state the version, and how. The group of each pattern is the version."""


PRIVATE = "Private :: Do Not Upload"
"""The classifier of a package that is not released, such as one that only tests use."""


class ReleaseError(Exception):
    """The release cannot be built. The message says why, and what to do next."""


def stated_versions(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each place (`file:line`) that states the version, with the version it states."""
    for glob, pattern in PLACES:
        for file in sorted(root.glob(glob)):
            text = _read(file)
            for match in re.finditer(pattern, text, re.MULTILINE):
                line = text.count("\n", 0, match.start(1)) + 1
                yield f"{file.relative_to(root).as_posix()}:{line}", match[1]


def set_version(root: Path, version: str) -> None:
    """Write the version into every place that states one."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ReleaseError(f"Invalid version '{version}': write three numbers, such as 0.2.0.")
    for glob, pattern in PLACES:
        for file in root.glob(glob):
            text = _read(file)
            for match in reversed(list(re.finditer(pattern, text, re.MULTILINE))):
                text = text[: match.start(1)] + version + text[match.end(1) :]
            file.write_text(text, encoding="utf-8")


def project_version(root: Path) -> str:
    """Return the version in the root's pyproject.toml, with which all others must agree."""
    return str(tomllib.loads(_read(root / "pyproject.toml"))["project"]["version"])


def release_notes(changelog: str, version: str) -> str:
    """
    Return the section of a version, without its heading.

    Args:
        changelog: text in the format of keepachangelog.com.
        version: such as `0.1.0`.

    Raises:
        ReleaseError: there is no such section, or it is empty.
    """
    section = rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## |^\[[^\]]+\]: |\Z)"
    match = re.search(section, changelog, re.MULTILINE | re.DOTALL)
    if match is None or not match[1].strip():
        raise ReleaseError(
            f"CHANGELOG.md has no text for version {version}: move the entries under [Unreleased] into a section "
            f"'## [{version}] - YYYY-MM-DD'."
        )
    return match[1].strip() + "\n"


def check(root: Path) -> None:
    """Raise ReleaseError, naming every problem, unless a release can be built from this working tree."""
    problems = [*inconsistencies(root), *_uncommitted(root)]
    if problems:
        raise ReleaseError("\n".join(problems))


def inconsistencies(root: Path) -> list[str]:
    """Return what is wrong with the files: versions or dates that disagree, and a version without release notes."""
    return [*_disagreements(root), *_undocumented(root)]


def members(root: Path) -> dict[str, Path]:
    """Return the folder of each package that is released, by name: all of the workspace that are not marked private."""
    files = sorted([*root.glob("*/pyproject.toml"), *root.glob("services/*/pyproject.toml")])
    projects = {file.parent: tomllib.loads(_read(file))["project"] for file in files}
    return {each["name"]: folder for folder, each in projects.items() if PRIVATE not in each.get("classifiers", ())}


def artefacts(root: Path) -> list[str]:
    """Return the names of the files that `build` makes, except images.txt."""
    stems = [f"{name.replace('-', '_')}-{project_version(root)}" for name in members(root)]
    packages = [name for stem in stems for name in (f"{stem}-py3-none-any.whl", f"{stem}.tar.gz")]
    return [*packages, "sbom.cdx.json", "RELEASE_NOTES.md", "SHA256SUMS"]


def docker_answers() -> bool:
    """Return whether a Docker engine can build the images."""
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def build(root: Path, folder: Path, *, images: bool) -> None:
    """
    Build all artefacts into an empty folder. SHA256SUMS is written last: without it the folder is incomplete.

    Raises:
        ReleaseError: a command failed, or a package lacks its licence.
    """
    version = project_version(root)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, member in members(root).items():
        _run(root, [os.environ.get("UV", "uv"), "build", "--quiet", "--package", name, "--out-dir", str(folder)])
        _require_licences(next(folder.glob(f"{name.replace('-', '_')}-*.whl")), member)
    (folder / ".gitignore").unlink(missing_ok=True)  # written by uv
    _run(root, ["make", "sbom", f"SBOM={folder / 'sbom.cdx.json'}"])
    if images:
        names = _run(root, ["make", "images", f"TAG={version}"]).split()
        ids = _run(root, ["docker", "image", "inspect", "--format", "{{.Id}}", *names]).split()
        lines = [f"{id_}  {name}\n" for id_, name in zip(ids, names, strict=True)]
        (folder / "images.txt").write_text("".join(lines), encoding="utf-8")
    changelog = _read(root / "CHANGELOG.md")
    (folder / "RELEASE_NOTES.md").write_text(release_notes(changelog, version), encoding="utf-8")
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 if the release is refused."""
    parser = argparse.ArgumentParser(prog="release", description="Check and build a release of Twinshop.")
    parser.add_argument("--root", type=Path, default=ROOT, help="repository to release (default: this one)")
    parser.add_argument("--dry-run", action="store_true", help="run all checks, list the artefacts, build nothing")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    setting = commands.add_parser("set-version", help="write a version into every file that states one")
    setting.add_argument("version", help="new version, such as 0.2.0")
    options = parser.parse_args(arguments)
    try:
        if options.command == "set-version":
            set_version(options.root, options.version)
            print(f"Version {options.version} is set. Next: add its section to CHANGELOG.md, then commit.")
        else:
            _release(options.root, dry_run=options.dry_run)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _release(root: Path, *, dry_run: bool) -> None:
    check(root)
    folder = root / "dist" / f"twinshop-{project_version(root)}"
    images = docker_answers()
    if dry_run:
        print(f"All checks passed. `make release` would write to {folder.relative_to(root)}:")
        print(*(f"  {name}" for name in artefacts(root)), sep="\n")
    else:
        build(root, folder, images=images)
        print(f"Built {folder.relative_to(root)}. Next: docs/releasing.md, from the step after `make release`.")
    if not images:
        print("Images are skipped, because no Docker engine answers. Start one and repeat `make release`.")
    elif dry_run:
        print("  images.txt, with the identifiers of all images")


def _disagreements(root: Path) -> list[str]:
    version = project_version(root)
    wrong = [f"  {place} says {stated}" for place, stated in stated_versions(root) if stated != version]
    if not wrong:
        return []
    fix = f"Run `python scripts/release.py set-version {version}`."
    return ["\n".join([f"The version in pyproject.toml is {version}, but other files disagree. {fix}", *wrong])]


def _uncommitted(root: Path) -> list[str]:
    changes = _run(root, ["git", "status", "--porcelain"]).rstrip()
    return [f"The working tree has uncommitted changes. Commit or remove them:\n{changes}"] if changes else []


def _undocumented(root: Path) -> Iterator[str]:
    version, changelog = project_version(root), _read(root / "CHANGELOG.md")
    try:
        release_notes(changelog, version)
    except ReleaseError as error:
        yield str(error)
        return
    dated = re.search(rf"^## \[{re.escape(version)}\] - (\S+)$", changelog, re.MULTILINE)
    cited = re.search(r"^date-released: (\S+)$", _read(root / "CITATION.cff"), re.MULTILINE)
    if dated is None or cited is None or dated[1] != cited[1]:
        yield (
            f"The release dates disagree: write the same date in CHANGELOG.md ('## [{version}] - YYYY-MM-DD') and in "
            "CITATION.cff ('date-released: YYYY-MM-DD')."
        )


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _require_licences(wheel: Path, member: Path) -> None:
    project = tomllib.loads(_read(member / "pyproject.toml"))["project"]
    names = zipfile.ZipFile(wheel).namelist()
    for file in project["license-files"]:
        if not any(name.endswith(f".dist-info/licenses/{file}") for name in names):
            raise ReleaseError(f"{wheel.name} lacks {file}: check license-files in {member.name}/pyproject.toml.")


def _run(root: Path, command: Sequence[str]) -> str:
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise ReleaseError(f"`{' '.join(command)}` failed with exit code {done.returncode}; its output is above.")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
