"""What each layer costs, and what is seen from each: the host, the machine, the container in it."""

import json
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from twinshop.lab.environments.docker import docker
from twinshop.lab.experiments.packaging.spawn import family
from twinshop.lab.nested.machine import Nested, booted

HOST, MACHINE, CONTAINER = "host", "virtual machine", "container in it"
INSIDE = "lesson-inside"
ENGINE_SECONDS, LOAD_SECONDS, RUN_SECONDS, SAVE_SECONDS = 180.0, 600.0, 120.0, 120.0
DAEMON = (
    "dockerd >/var/log/dockerd.log 2>&1 & engine=$!; "
    "until docker version >/dev/null 2>&1 || ! kill -0 $engine; do sleep 0.1; done; "
    "kill -0 $engine 2>/dev/null || { tail -n 20 /var/log/dockerd.log; false; }"
)
LOAD = "docker load --quiet --input /dev/vdb"
GREET = ["docker", "run", "--rm"]
STAY = ["docker", "run", "--detach", "--name", INSIDE]
STAYING = ["python", "/hello.py", "60"]
BOOT_ID = "/proc/sys/kernel/random/boot_id"
LOOK = f"""
import json, os, platform
def words(pid):
    try:
        return open(f"/proc/{{pid}}/cmdline").read().replace(chr(0), " ").strip()
    except OSError:
        return ""
pids = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if pid != os.getpid()]
seen = {{"kernel": platform.release(), "boot_id": open("{BOOT_ID}").read()}}
print(json.dumps(seen | {{"processes": {{pid: words(pid) for pid in pids}}}}))
"""
"""What a program sees that `docker exec` starts in the container, without itself."""


def run(
    place: Path, image: str, accelerator: str, cores: tuple[int, ...], say: Callable[[str], None]
) -> dict[str, Any]:
    """
    Boot the machine in `place`, start the engine, load `image`, run it; and end the machine.

    Raises:
        LabError: a step failed, or did not end within its time.
    """
    saved = place / "image.tar"
    try:
        docker.output(["docker", "save", "--output", str(saved), image], SAVE_SECONDS)
        since = time.perf_counter()
        greeting = docker.output([*GREET, image], RUN_SECONDS).strip()
        here = time.perf_counter() - since
        say(f"Booting the machine ({'with KVM' if accelerator == 'kvm' else 'emulated'}) …")
        with booted(place, accelerator, cores) as machine:
            return _inside(machine, image, say) | {"here_seconds": here, "here_greeting": greeting}
    finally:
        saved.unlink(missing_ok=True)


def _inside(machine: Nested, image: str, say: Callable[[str], None]) -> dict[str, Any]:
    shell, layers = machine.shell, [_layer("start of the machine", machine.boot_seconds, machine)]

    def step(name: str, command: str, seconds: float) -> str:
        since = time.perf_counter()
        printed = shell.run(command, seconds)
        layers.append(_layer(name, time.perf_counter() - since, machine))
        return printed

    say("Starting the engine in it …")
    step("start of the engine in it", DAEMON, ENGINE_SECONDS)
    say(f"Loading {image} into the engine …")
    step("image loaded into the engine", LOAD, LOAD_SECONDS)
    say("Running a container …")
    greeting = step("container in it, to its end", " ".join([*GREET, image]), RUN_SECONDS).strip()
    shell.run(" ".join([*STAY, image, *STAYING]), RUN_SECONDS)
    return {
        "layers": layers,
        "greeting": greeting,
        "seen": {HOST: _host(machine), MACHINE: _machine(machine), CONTAINER: _container(machine)},
        "docker_ps": shell.run("docker ps --format 'table {{.Names}}\\t{{.Image}}\\t{{.Status}}'"),
        "engine": shell.run("docker version --format '{{.Server.Version}}'").strip(),
    }


def _layer(name: str, seconds: float, machine: Nested) -> dict[str, Any]:
    """Its time, and the memory after it."""
    return {"name": name, "seconds": seconds, **machine.memory()}


def _host(machine: Nested) -> dict[str, Any]:
    """Only the machine's own program by name: the others are the user's business."""
    kernel, boot_id = platform.release(), Path(BOOT_ID).read_text(encoding="ascii")
    own = {str(each.pid): " ".join(each.cmdline()) for each in family(machine.process.pid)}
    return _seen(kernel, boot_id, own) | {"processes": len(psutil.pids())}


def _machine(machine: Nested) -> dict[str, Any]:
    kernel, boot_id, _, *rows = machine.shell.run(f"uname -r; cat {BOOT_ID}; ps -o pid,args").splitlines()
    split = (row.split(maxsplit=1) for row in rows if not row.endswith("sh /dev/ttyS1"))  # not the lab's own shell
    return _seen(kernel, boot_id, {int(pid): "" if words.startswith("[") else words for pid, words in split})


def _container(machine: Nested) -> dict[str, Any]:
    found = json.loads(machine.shell.run_program(["docker", "exec", INSIDE, "python", "-c", LOOK]))
    return _seen(found["kernel"], found["boot_id"], found["processes"])


def _seen(kernel: str, boot_id: str, processes: Mapping[Any, str]) -> dict[str, Any]:
    """The programs by process ID; a thread of the kernel has no command line."""
    programs = {str(pid): words for pid, words in processes.items() if words}
    return {"kernel": kernel.strip(), "boot_id": boot_id.strip(), "processes": len(processes), "programs": programs}
