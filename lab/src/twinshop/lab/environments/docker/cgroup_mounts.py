"""Where the control groups of this machine are, and which version they have."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from twinshop.lab.environments.cgroup import Group, GroupV1, GroupV2
from twinshop.lab.errors import Unsupported

READ = ("cpu", "cpuacct", "memory")
"""The controllers of version 1 that are read or set."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A tree: where it is mounted, and which of its groups is seen there as its root."""

    folder: Path
    root: str

    def of(self, group: str) -> Path:
        inside = group.removeprefix(self.root) if self.root != "/" else group
        return self.folder / inside.lstrip("/")


@dataclass(frozen=True, slots=True)
class Cgroups:
    """The trees by the controllers of version 1; the one of version 2 is under an empty name."""

    trees: Mapping[str, Mount]
    proc: Path = Path("/proc")

    @classmethod
    def of_this_machine(cls, proc: Path = Path("/proc")) -> "Cgroups":
        """Raises Unsupported: there are none that could be read."""
        trees: dict[str, Mount] = {}
        for line in _lines(proc / "self" / "mountinfo"):
            before, _, after = line.partition(" - ")
            kind, *_, options = after.split()
            mount = Mount(Path(before.split()[4]), before.split()[3])
            if kind == "cgroup2":
                trees[""] = mount
            elif kind == "cgroup":
                trees |= {name: mount for name in options.split(",") if name not in ("rw", "ro")}
        found = cls(trees, proc)
        if found.version == 1 and not set(READ) <= trees.keys():
            raise Unsupported("This machine has no readable control groups.")
        return found

    @property
    def version(self) -> int:
        """A machine with both has its controllers in version 1."""
        return 2 if "" in self.trees and "memory" not in self.trees else 1

    def of_process(self, pid: int) -> Group:
        """The group that a process is in. Raises FileNotFoundError when it has ended."""
        lines = [line.split(":", 2) for line in _lines(self.proc / str(pid) / "cgroup")]
        names = {controller: group for _, controllers, group in lines for controller in controllers.split(",")}
        if self.version == 2:  # noqa: PLR2004
            return GroupV2(self.trees[""].of(names[""]))
        return GroupV1({controller: self.trees[controller].of(names[controller]) for controller in READ})

    def named(self, name: str) -> Group:
        """The group of this name at the root of all trees, whether it is there or not."""
        if self.version == 2:  # noqa: PLR2004
            return GroupV2(self.trees[""].folder / name)
        return GroupV1({controller: mount.folder / name for controller, mount in self.trees.items()})


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines()
