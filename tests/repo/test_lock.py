"""Nobody needs a compiler: whatever is installed has a wheel for each supported Python and machine. No network."""

import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.tags import compatible_tags, cpython_tags, mac_platforms, parse_tag

ROOT = Path(__file__).parents[2]
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())
PACKAGES: dict[str, list[dict]] = {}
for _package in LOCK["package"]:
    PACKAGES.setdefault(_package["name"], []).append(_package)

GLIBC = 28
"""Of Debian 10, Ubuntu 20.04, RHEL 8 and whatever is newer."""
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
MACHINES = {
    "linux-x86_64": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "linux-aarch64": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "darwin-arm64": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
}


def platforms(machine):
    system, _, processor = machine.partition("-")
    if system == "darwin":
        return list(mac_platforms((13, 0), processor))
    old = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    levels = [f"manylinux_2_{minor}_{processor}" for minor in range(GLIBC, 4, -1)]
    return [*levels, *(f"{name}_{processor}" for name in old.values()), f"linux_{processor}"]


def supported(python, machine):
    version, of_machine = tuple(map(int, python.split("."))), platforms(machine)
    interpreter = f"cp{version[0]}{version[1]}"
    return {
        *cpython_tags(version, platforms=of_machine),
        *compatible_tags(version, interpreter=interpreter, platforms=of_machine),
    }


def installed(python, machine):
    """Every package of the lock that an installation with all groups and extras holds there."""
    variables = {
        **MACHINES[machine],
        "platform_machine": machine.partition("-")[2],
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }

    def applies(marker):
        return marker is None or Marker(marker).evaluate(variables)

    def meant(edge):
        return [
            each
            for each in PACKAGES[edge["name"]]
            if edge.get("version") in (None, each.get("version"))
            and any(map(applies, each.get("resolution-markers", [None])))
        ]

    seen, waiting = {}, [(package, ()) for each in LOCK["manifest"]["members"] for package in PACKAGES[each]]
    while waiting:
        package, extras = waiting.pop()
        key = package["name"], package.get("version"), extras
        if key in seen:
            continue
        seen[key] = package
        ours = "editable" in package["source"] or "virtual" in package["source"]
        optional, groups = package.get("optional-dependencies", {}), package.get("dev-dependencies", {})
        edges = list(package.get("dependencies", []))
        edges += [edge for extra in (optional if ours else extras) for edge in optional.get(extra, [])]
        edges += [edge for group in groups.values() for edge in group]
        for edge in edges:
            if applies(edge.get("marker")):
                waiting += [(found, tuple(edge.get("extra", ()))) for found in meant(edge)]
    return {
        (package["name"], package["version"]): package for package in seen.values() if "registry" in package["source"]
    }


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
def test_every_package_has_a_wheel(python, machine):
    tags, found = supported(python, machine), installed(python, machine)

    def fits(wheel):
        name = wheel["url"].rpartition("/")[2].removesuffix(".whl")
        return bool(parse_tag("-".join(name.split("-")[-3:])) & tags)

    assert len(found) > 100
    assert {"numpy", "gevent", "psycopg-binary", "uvloop", "psutil"} <= {name for name, _ in found}
    without = [
        f"{name} {version}" for (name, version), each in found.items() if not any(map(fits, each.get("wheels", ())))
    ]
    assert not without, "these would be compiled"


def test_uv_holds_the_lock_to_the_same_machines():
    marked = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["required-environments"]
    expected = {tuple(machine.split("-")) for machine in MACHINES}
    for system, processor in expected:
        variables = {"sys_platform": system, "platform_machine": processor}
        assert any(Marker(each).evaluate(variables) for each in marked)
    assert len(marked) == len(expected)
