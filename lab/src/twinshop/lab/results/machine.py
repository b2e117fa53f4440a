"""The machine and the code of a run."""

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from twinshop.lab.environments import external
from twinshop.lab.environments.docker import docker

PACKAGES = (
    "fastapi",
    "starlette",
    "uvicorn",
    "uvloop",
    "pydantic",
    "sqlalchemy",
    "pyreqwest",
    "redis",
    "jinja2",
    "locust",
)
IDENTITY = ("processor", "virtual", "governor", "cores", "memory_bytes", "kernel", "cgroup", "python", "docker")
CODE = ("contracts/src", "kit/src", "services", "monolith/src")
"""What runs in both shapes: the same hash, the same business."""


def fingerprint(root: Path) -> dict[str, Any]:
    """Commit, hashes of the code and the lock file, interpreter, kernel, processor, memory, engine, packages."""
    memory = psutil.virtual_memory()
    return {
        "commit": _git(root, "rev-parse", "HEAD"),
        "changed": bool(_git(root, "status", "--porcelain", "--untracked-files=no")),
        "code_sha256": _code_hash(root),
        "lock_sha256": hashlib.sha256((root / "uv.lock").read_bytes()).hexdigest(),
        "python": sys.version.split()[0],
        "kernel": platform.release(),
        "processor": _processor(),
        "virtual": _first_line("/sys/class/dmi/id/product_name") or None,
        "governor": _first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") or None,
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": memory.total,
        "swap_bytes": psutil.swap_memory().total,
        "cgroup": 2 if Path("/sys/fs/cgroup/cgroup.controllers").exists() else 1,
        "docker": _docker(),
        "load_before": os.getloadavg(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two fingerprints are of machines that measure alike: same hardware, system and engine."""
    return all(one.get(name) == other.get(name) for name in IDENTITY)


def _code_hash(root: Path) -> str:
    """Over the paths and contents of all code and data of the shop, tests left out."""
    total = hashlib.sha256()
    for file in sorted(file for folder in CODE for file in (root / folder).rglob("*") if file.is_file()):
        if "__pycache__" in file.parts or "tests" in file.parts:
            continue
        total.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def _docker() -> dict[str, str] | None:
    if docker.unusable():
        return None
    wanted = "{{.ServerVersion}} {{.Driver}} {{.CgroupDriver}}"
    server, storage, cgroups = external.run(["docker", "info", "--format", wanted]).stdout.split()
    compose = external.run(["docker", "compose", "version", "--short"]).stdout.strip()
    return {"engine": server, "compose": compose, "storage": storage, "cgroup_driver": cgroups}


def _git(root: Path, *arguments: str) -> str:
    run = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return run.stdout.strip()


def _first_line(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").partition("\n")[0].strip()
    except OSError:
        return ""


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
