"""Control groups of both versions, in made-up trees; `tests/docker/test_sites.py` reads those of this machine."""

import os

import pytest

from twinshop.lab.environments.cgroup import Reading
from twinshop.lab.environments.docker.budget import Folder, Slice, budget
from twinshop.lab.environments.docker.cgroup_mounts import Cgroups
from twinshop.lab.errors import Unsupported

V1 = {
    "cpu/docker/abc/cpu.cfs_quota_us": "50000\n",
    "cpu/docker/abc/cpu.stat": "nr_periods 100\nnr_throttled 7\nthrottled_time 2500000000\n",
    "cpuacct/docker/abc/cpuacct.usage": "12345678901\n",
    "memory/docker/abc/memory.usage_in_bytes": "100000000\n",
    "memory/docker/abc/memory.max_usage_in_bytes": "120000000\n",
    "memory/docker/abc/memory.stat": "total_inactive_file 30000000\nhierarchical_memory_limit 200000000\n",
    "memory/docker/abc/cgroup.procs": "41\n42\n",
}
V2 = {
    "system.slice/docker-abc.scope/cpu.stat": "usage_usec 12345678\nnr_throttled 7\nthrottled_usec 2500000\n",
    "system.slice/docker-abc.scope/cpu.max": "50000 100000\n",
    "system.slice/docker-abc.scope/memory.max": "max\n",
    "system.slice/memory.max": "200000000\n",
    "system.slice/docker-abc.scope/memory.current": "100000000\n",
    "system.slice/docker-abc.scope/memory.peak": "120000000\n",
    "system.slice/docker-abc.scope/memory.stat": "anon 1\ninactive_file 30000000\n",
    "system.slice/docker-abc.scope/cgroup.procs": "41\n42\n",
}


class Machine:
    """A `/proc` and a `/sys/fs/cgroup` of our own making."""

    def __init__(self, folder, mounts, files, membership):
        self.proc, self.sys = folder / "proc", folder / "sys"
        for name, text in {**files, "../proc/41/cgroup": membership}.items():
            file = self.sys / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (self.proc / "self").mkdir()
        lines = ["1 0 0:1 / / rw - ext4 /dev/vda rw"]
        lines += [
            f"2 1 0:2 {root} {self.sys / at} rw - {kind} {kind} rw{options}" for root, at, kind, options in mounts
        ]
        (self.proc / "self" / "mountinfo").write_text("\n".join(lines) + "\n")

    def cgroups(self):
        return Cgroups.of_this_machine(self.proc)


def v1(folder, *, root="/", files=V1):
    mounts = [(root, name, "cgroup", f",{name}") for name in ("cpu", "cpuacct", "memory")]
    mounts += [("/", "systemd", "cgroup", ",xattr,name=systemd"), ("/", "unified", "cgroup2", "")]
    names = "3:memory:/docker/abc\n2:cpuacct:/docker/abc\n1:cpu:/docker/abc\n0::/\n"
    machine = Machine(folder, mounts, files, names)
    for name in ("systemd", "unified"):
        (machine.sys / name).mkdir()
    return machine


def v2(folder, files=V2):
    return Machine(folder, [("/", "", "cgroup2", ",nsdelegate")], files, "0::/system.slice/docker-abc.scope\n")


@pytest.fixture(params=[v1, v2])
def machine(request, tmp_path):
    return request.param(tmp_path)


def test_a_group_of_either_version_reads_the_same(machine):
    group = machine.cgroups().of_process(41)

    reading = group.read()

    assert reading.cpu_seconds == pytest.approx(12.345678, abs=1e-5)
    assert (reading.memory_bytes, reading.peak_memory_bytes) == (70_000_000, 120_000_000)
    assert reading.memory_limit_bytes == 200_000_000  # that of a group around it
    assert (reading.throttled_seconds, reading.throttled_periods) == (2.5, 7)
    assert group.pids() == [41, 42]


def test_without_a_quota_nothing_is_said_of_throttling(tmp_path):
    for number, (make, quota) in enumerate(
        [
            (v1, {**V1, "cpu/docker/abc/cpu.cfs_quota_us": "-1\n"}),
            (v2, {**V2, "system.slice/docker-abc.scope/cpu.max": "max 100000\n"}),
        ]
    ):
        reading = make(tmp_path / str(number), files=quota).cgroups().of_process(41).read()
        assert (reading.throttled_seconds, reading.throttled_periods) == (None, None)


def test_without_a_limit_of_memory_there_is_none(tmp_path):
    stat = V1["memory/docker/abc/memory.stat"].replace("200000000", "9223372036854771712")
    v1_machine = v1(tmp_path / "1", files={**V1, "memory/docker/abc/memory.stat": stat})
    v2_machine = v2(tmp_path / "2", {**V2, "system.slice/memory.max": "max\n"})
    for machine in (v1_machine, v2_machine):
        assert machine.cgroups().of_process(41).read().memory_limit_bytes is None


def test_before_linux_5_19_the_peak_is_not_known(tmp_path):
    files = {name: text for name, text in V2.items() if not name.endswith("memory.peak")}
    assert v2(tmp_path, files).cgroups().of_process(41).read().peak_memory_bytes is None


def test_controllers_that_share_a_tree_are_found(tmp_path):
    files = {name.replace("cpu/", "both/").replace("cpuacct/", "both/"): text for name, text in V1.items()}
    mounts = [("/", "both", "cgroup", ",cpu,cpuacct"), ("/", "memory", "cgroup", ",memory")]
    machine = Machine(tmp_path, mounts, files, "2:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n")

    assert machine.cgroups().of_process(41).read().cpu_seconds == pytest.approx(12.345678901)


def test_a_machine_with_both_has_its_controllers_in_version_1(tmp_path):
    assert v1(tmp_path / "1").cgroups().version == 1
    assert v2(tmp_path / "2").cgroups().version == 2


def test_inside_a_container_paths_are_taken_from_the_root_of_the_mount(tmp_path):
    files = {name.replace("docker/abc/", ""): text for name, text in V1.items()}

    assert v1(tmp_path, root="/docker/abc", files=files).cgroups().of_process(41).read().memory_bytes == 70_000_000


def test_a_machine_without_control_groups_cannot_be_read(tmp_path):
    with pytest.raises(Unsupported, match="no readable control groups"):
        Machine(tmp_path, [], {}, "").cgroups()


def test_a_group_that_is_gone_is_an_os_error(machine):
    group = machine.cgroups().of_process(41)
    for file in [*machine.sys.rglob("memory.*"), *machine.sys.rglob("cpu*.*")]:
        file.unlink()
    with pytest.raises(OSError, match="No such file"):
        group.read()


def test_a_budget_of_version_1_is_a_folder_in_each_tree(tmp_path):
    machine = v1(tmp_path)
    (machine.sys / "memory" / "shop").mkdir()
    (machine.sys / "memory" / "shop" / "memory.memsw.limit_in_bytes").write_text("-1")

    made = budget(machine.cgroups(), "cgroupfs", "shop", 0.5, 2**30)

    assert made.parent == "/shop"
    assert (machine.sys / "cpu/shop/cpu.cfs_quota_us").read_text() == "50000"
    assert (machine.sys / "cpu/shop/cpu.cfs_period_us").read_text() == "100000"
    assert (machine.sys / "memory/shop/memory.limit_in_bytes").read_text() == str(2**30)
    assert (machine.sys / "memory/shop/memory.memsw.limit_in_bytes").read_text() == str(2**30)


def test_a_budget_of_version_2_is_one_folder(tmp_path):
    machine = v2(tmp_path)
    (machine.sys / "shop").mkdir()
    (machine.sys / "shop" / "memory.swap.max").write_text("max")

    made = budget(machine.cgroups(), "cgroupfs", "shop", 1.5, 2**30)

    assert made.parent == "/shop"
    assert (machine.sys / "cgroup.subtree_control").read_text() == "+cpu +memory"
    assert (machine.sys / "shop/cpu.max").read_text() == "150000 100000"
    assert (machine.sys / "shop/memory.max").read_text() == str(2**30)
    assert (machine.sys / "shop/memory.swap.max").read_text() == "0"


def test_a_budget_is_read_once_something_has_run_in_it(tmp_path):
    machine = v2(tmp_path)
    made = Folder(machine.cgroups(), "shop", 0.5, 2**30)
    assert made.read() is None
    for name, text in V2.items():
        if "memory.max" not in name:
            (machine.sys / "shop" / name.rpartition("/")[2]).write_text(text)

    assert made.read() == Reading(pytest.approx(12.345678), 70_000_000, 120_000_000, 2**30, 2.5, 7)


def test_a_removed_budget_leaves_no_folder_in_any_tree(tmp_path):
    machine = v1(tmp_path)
    group = machine.cgroups().named("shop")
    for tree in ("cpu", "cpuacct", "memory", "systemd", "unified"):
        (machine.sys / tree / "shop" / "of the engine").mkdir(parents=True)

    group.remove()
    group.remove()

    assert not list(machine.sys.glob("*/shop"))


def test_where_groups_cannot_be_made_a_budget_is_refused(tmp_path):
    machine = v2(tmp_path)
    (machine.sys / "shop").write_text("something else has this name")
    with pytest.raises(Unsupported, match="permission to create control groups"):
        budget(machine.cgroups(), "cgroupfs", "shop", 0.5, None)


@pytest.fixture
def systemctl(tmp_path, monkeypatch):
    """A program that writes down how it is called."""
    calls = tmp_path / "calls"
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return calls


@pytest.mark.integration
def test_where_systemd_owns_the_groups_a_budget_is_a_slice(tmp_path, systemctl):
    made = budget(v2(tmp_path).cgroups(), "systemd", "shop", 0.5, 2**30)
    made.remove()

    assert made.parent == "shop.slice"
    assert systemctl.read_text().splitlines() == [
        f"set-property --runtime shop.slice CPUQuota=50% MemoryMax={2**30} MemorySwapMax=0",
        "stop shop.slice",
        "revert shop.slice",
    ]


@pytest.mark.integration
def test_a_slice_that_systemd_refuses_is_told_in_its_words(tmp_path, monkeypatch):
    program = tmp_path / "systemctl"
    program.write_text("#!/bin/sh\necho Access denied >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(Unsupported, match="Access denied"):
        Slice(v2(tmp_path).cgroups(), "shop", 0.5, None)
