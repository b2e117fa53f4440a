"""What a virtual machine is made of, without starting one."""

import lzma
import stat
from pathlib import Path

import pytest

from twinshop.lab.errors import Unsupported
from twinshop.lab.experiments.packaging import kernel, machine
from twinshop.lab.experiments.packaging.initramfs import archive, as_user, command, initramfs
from twinshop.lab.experiments.packaging.size import allocated

CONFIG = {"User": "10001:10001", "WorkingDir": "/tmp", "Env": ["A=1 2"], "Cmd": ["python", "-m", "it's"]}


def unpacked(data):
    """Names, modes and contents of a cpio archive, read by the format's own description."""
    found, at = {}, 0
    while True:
        assert at % 4 == 0
        assert data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + 8 * number : at + 14 + 8 * number], 16) for number in range(13)]
        name = data[at + 110 : at + 110 + fields[11] - 1].decode()
        begin = (at + 110 + fields[11] + 3) // 4 * 4
        if name == "TRAILER!!!":
            return found
        found[name] = (fields[1], data[begin : begin + fields[6]])
        at = (begin + fields[6] + 3) // 4 * 4


def test_an_archive_holds_names_modes_and_contents_of_any_length():
    entries = [
        ("dev", stat.S_IFDIR | 0o755, b""),
        ("a", 0o100644, b"x"),
        ("bin/long name", 0o100755, bytes(range(256))),
    ]
    assert unpacked(archive(entries)) == {name: (mode, data) for name, mode, data in entries}


@pytest.fixture
def unpacked_kernel(tmp_path):
    """As of `dpkg --extract`: a kernel with a driver that needs two others, one of them compressed."""
    modules = tmp_path / "lib" / "modules" / "6.1-test" / "kernel"
    modules.mkdir(parents=True)
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot" / "vmlinuz-6.1-test").write_bytes(b"kernel")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "busybox").write_bytes(b"busybox")
    (modules / "virtio_blk.ko").write_bytes(b"\x7fELF\0license=GPL\0depends=virtio-ring,virtio\0name=virtio_blk\0")
    (modules / "virtio.ko").write_bytes(b"\x7fELF\0depends=virtio_ring\0name=virtio\0")
    (modules / "virtio_ring.ko.xz").write_bytes(lzma.compress(b"\x7fELF\0depends=\0name=virtio_ring\0"))
    (modules / "other.ko").write_bytes(b"\x7fELF\0depends=\0")
    return tmp_path


def test_modules_come_after_those_they_need_and_unpacked(unpacked_kernel):
    found = kernel.kernel(unpacked_kernel)

    assert found.version == "6.1-test"
    assert [name for name, _ in found.modules] == ["virtio_ring", "virtio", "virtio_blk"]
    assert all(data.startswith(b"\x7fELF") for _, data in found.modules)


def test_the_first_file_system_loads_the_modules_and_becomes_the_images_command(unpacked_kernel):
    found = unpacked(initramfs(kernel.kernel(unpacked_kernel), command(CONFIG, {"B": "3"})))

    init = found["init"][1].decode()
    assert "for module in virtio_ring virtio virtio_blk; do" in init
    assert (
        "--userspec=10001:10001 --skip-chdir / /usr/bin/env -i --chdir=/tmp 'A=1 2' B=3 python -m 'it'\"'\"'s'" in init
    )
    assert found["bin/busybox"][1] == b"busybox"
    assert found["init"][0] & 0o111
    assert as_user(CONFIG, {})[-1] == "A=1 2"


def test_without_a_kernel_and_apt_the_machine_is_skipped_and_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unsupported, match=r"There is no kernel for a virtual machine.*by hand"):
        kernel.kernel(tmp_path / "kernel")


def test_kvm_is_used_only_where_the_processor_helps(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "KVM", tmp_path / "kvm")
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "cpuinfo")
    assert machine.accelerator("auto")[0] == "tcg"
    (tmp_path / "kvm").touch()
    (tmp_path / "cpuinfo").write_text("flags : fpu sse2 hypervisor\n")
    assert machine.accelerator("auto") == (
        "tcg",
        f"{tmp_path / 'kvm'} is there, but the processor shows no virtualisation (vmx, svm): guests would crawl",
    )
    (tmp_path / "cpuinfo").write_text("flags : fpu vmx\n")
    assert machine.accelerator("auto")[0] == "kvm"
    assert machine.accelerator("tcg")[0] == "tcg"


def test_a_machine_can_be_reached_by_one_port_and_reaches_nothing_itself():
    detail = {"accelerator": "kvm", "memory_mib": 256}
    words = machine.qemu(Path("/x"), detail, 2, 4711, Path("/s"))
    assert "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:4711-:8000" in words
    assert "format=raw,if=virtio,file=/x/disk.ext4,readonly=on" in words


def test_a_machine_without_a_port_cannot_be_reached_and_its_folder_may_contain_commas():
    detail = {"accelerator": "tcg", "memory_mib": 256}
    words = machine.qemu(Path("/a,b"), detail, 2, None, Path("/s"), ("disk.ext4,snapshot=on", "image.tar,readonly=on"))
    assert "user,id=net,restrict=on" in words
    assert [word for word in words if word.startswith("format=")] == [
        "format=raw,if=virtio,file=/a,,b/disk.ext4,snapshot=on",
        "format=raw,if=virtio,file=/a,,b/image.tar,readonly=on",
    ]


def test_what_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "`qemu-system-x86_64` is not installed" in machine.Machine().missing({"accelerator": "auto"})


def test_bytes_on_the_disk_count_a_file_once_and_no_holes(tmp_path):
    block = 64 * 1024
    (tmp_path / "a").write_bytes(b"x" * block)
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(1000 * block)
    (tmp_path / "left out").mkdir()
    (tmp_path / "left out" / "c").write_bytes(b"x" * block)
    assert block <= allocated(tmp_path, without="left out") < 2 * block <= allocated(tmp_path)
