"""`twinshop nested`: a container in an engine in a virtual machine."""

import json
import os
import shutil
import socket
import stat
import threading
from pathlib import Path

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.experiments.packaging.serial import SerialShell
from twinshop.lab.nested import command, debian, machine
from twinshop.lab.nested.report import text

ROOT = Path(__file__).parents[3]
RESULT = {
    "accelerator": "tcg",
    "accelerator_why": "there is no /dev/kvm",
    "engine": "20.10.24",
    "docker_ps": "NAMES           IMAGE\nlesson-inside   twinshop/hello\n",
    "here_seconds": 0.81,
    "layers": [
        {
            "name": "start of the machine",
            "seconds": 6.2,
            "host_memory_bytes": 300 * 2**20,
            "guest_memory_bytes": 100 * 2**20,
        }
    ],
    "seen": {
        "host": {"kernel": "6.18", "processes": 200, "programs": {"4711": "qemu-system-x86_64 -nodefaults"}},
        "virtual machine": {"kernel": "6.1", "processes": 63, "programs": {"140": "dockerd", "1": "tini"}},
        "container in it": {"kernel": "6.1", "processes": 1, "programs": {"1": "python /hello.py"}},
    },
}


def test_the_result_has_the_three_views_the_engines_list_and_the_costs():
    lines = [line.split() for line in text(RESULT).splitlines()]

    assert ["host", "6.18", "200"] in lines
    assert ["container", "in", "it", "6.1", "1"] in lines
    assert lines.index(["1", "tini"]) < lines.index(["140", "dockerd"]) < lines.index(["1", "python", "/hello.py"])
    assert ["lesson-inside", "twinshop/hello"] in lines
    assert ["start", "of", "the", "machine", "6.2", "300", "100"] in lines
    assert "The processor was emulated (there is no /dev/kvm): times do not count." in text(RESULT)


def test_with_kvm_times_count():
    assert "emulated" not in text(RESULT | {"accelerator": "kvm"})


def test_without_qemu_the_command_says_what_to_install(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["nested"]) == 3
    assert "`qemu-system-x86_64` is not installed (Debian: sudo apt install qemu-system-x86)" in capsys.readouterr().err


def test_a_full_disk_is_refused_before_anything_is_fetched(monkeypatch, capsys):
    monkeypatch.setattr(command, "missing", lambda: None)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 2**30})())
    assert main(["nested"]) == 3
    assert "needs 4 GiB of disk, and 1.0 GiB are free" in capsys.readouterr().err


def test_without_packages_and_apt_it_says_where_to_put_them(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        Unsupported, match=rf"put the packages .*docker\.io and what they need into {tmp_path}/packages"
    ):
        debian.machine_files(tmp_path, print)


@pytest.mark.integration
def test_packages_that_cannot_be_fetched_leave_nothing_and_the_reason(monkeypatch, tmp_path):
    apt = tmp_path / "bin" / "apt-get"
    apt.parent.mkdir()
    apt.write_text("#!/bin/sh\necho E: no network >&2\nexit 100\n")
    apt.chmod(stat.S_IRWXU)
    (apt.parent / "dpkg").symlink_to(apt)
    monkeypatch.setenv("PATH", str(apt.parent), prepend=os.pathsep)
    with pytest.raises(Unsupported, match="E: no network"):
        debian.machine_files(tmp_path / "machine", print)
    assert list((tmp_path / "machine").iterdir()) == []


@pytest.mark.integration
def test_a_command_that_prints_and_never_ends_is_given_up(tmp_path):
    """A socket's own timeout begins again with every byte."""
    line = tmp_path / "line"
    ended = threading.Event()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(line))
        server.listen()

        def drip():
            connection, _ = server.accept()
            with connection:
                while not ended.wait(0.02):
                    connection.sendall(b".")

        thread = threading.Thread(target=drip)
        thread.start()
        shell = SerialShell(line)
        try:
            with pytest.raises(LabError, match=r"`yes` in the virtual machine did not end within 0 s"):
                shell.run("yes", 0.3)
        finally:
            ended.set()
            thread.join()
            shell.close()


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_container_runs_in_an_engine_in_a_virtual_machine(capsys):
    if why := machine.missing():
        pytest.skip(why)
    code = main(["nested", "--json"])
    printed = capsys.readouterr()
    if "apt cannot fetch" in printed.err:
        pytest.skip(printed.err)
    assert code == 0, printed.err
    shutil.rmtree(ROOT / printed.err.rpartition("Stored: ")[2].partition("nested.json")[0])
    result = json.loads(printed.out)

    assert result["greeting"].startswith("Hello from ")
    host, inside, container = (result["seen"][name] for name in ("host", "virtual machine", "container in it"))
    assert host["boot_id"] != inside["boot_id"] == container["boot_id"]
    assert "dockerd" in inside["programs"].values()
    assert container["programs"] == {"1": "python /hello.py 60"}
    assert "python /hello.py 60" in inside["programs"].values()
    assert host["processes"] > 1 == container["processes"]
    assert all(each["seconds"] > 0 for each in result["layers"])
    assert [each["host_memory_bytes"] > each["guest_memory_bytes"] > 0 for each in result["layers"]] == [True] * 4
    assert not (ROOT / ".run" / "nested" / "image.tar").exists()
