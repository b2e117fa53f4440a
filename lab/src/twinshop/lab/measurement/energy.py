"""
Energy that the processors used, where the kernel tells: RAPL, by powercap.

https://docs.kernel.org/power/powercap/powercap.html. The counters are those of the whole machine, load generator
included, are not there in most virtual machines, and can be read by root alone on most others.
"""

from collections.abc import Mapping
from math import nan
from pathlib import Path

FOLDER = Path("/sys/class/powercap")
Counters = Mapping[str, tuple[int, int]]
"""Of each package: microjoules, and the value at which its counter begins again."""


def counters(folder: Path = FOLDER) -> Counters:
    """Return the counters of all packages; none where they cannot be read."""
    found = {}
    for package in sorted(folder.glob("intel-rapl:*")):  # AMD's have this name as well
        if package.name.count(":") > 1:
            continue  # a part of a package
        try:
            energy, most = (int((package / f"{name}_uj").read_text()) for name in ("energy", "max_energy_range"))
        except (OSError, ValueError):
            return {}
        found[package.name] = energy, most
    return found


def joules(before: Counters, after: Counters) -> float:
    """Return what was used in between; NaN where it is not known. A counter that began again did so once."""
    if not before or before.keys() != after.keys():
        return nan
    return sum((after[name][0] - start) % (most + 1) for name, (start, most) in before.items()) / 1e6
