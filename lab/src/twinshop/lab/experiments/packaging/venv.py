"""The component in a virtual environment."""

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from twinshop.lab import repository
from twinshop.lab.environments import external
from twinshop.lab.environments.docker import docker
from twinshop.lab.environments.local.process_group import cpu_seconds, proportional_bytes
from twinshop.lab.environments.reserved_ports import HOST, ReservedPorts
from twinshop.lab.experiments.packaging.kinds import ENVIRONMENT, MODULE, Artefact, Workshop
from twinshop.lab.experiments.packaging.options import PackagingOptions
from twinshop.lab.experiments.packaging.size import allocated
from twinshop.lab.experiments.packaging.spawn import family, last_words, spawned
from twinshop.lab.measurement.bench import Bench

INSTALL_SECONDS = 300.0
PROBE_SECONDS = 30.0
ENGINE = ("apertium*", "libapertium*", "lttoolbox*", "liblttoolbox*", "cg3*", "libcg3*")
"""Patterns of its packages; what they need besides (ICU and the like) is not counted."""
INHERITED = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "SSL_CERT_FILE")
"""Variables that a person's shell passes on; nothing of ours is among them."""


@dataclass(slots=True)
class StartedVenv:
    since: float
    url: str
    python: Path
    folder: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    log: Path

    def ended(self) -> str | None:
        return last_words(self.process, "The process", self.log)

    def cpu_seconds(self) -> float:
        return cpu_seconds(family(self.process.pid))

    def memory(self) -> Mapping[str, int]:
        return {"host_memory_bytes": proportional_bytes(family(self.process.pid))}

    def probe(self, code: str, argument: str) -> str:
        command = [str(self.python), "-c", code, argument]
        return docker.output(command, PROBE_SECONDS, env=self.environment, cwd=self.folder)

    def user_outside(self) -> int:
        return Path(f"/proc/{self.process.pid}").stat().st_uid


class Venv:
    """What `uv sync` makes of the lock file: the same packages as in the image, compiled as there, on this Python."""

    def missing(self, options: PackagingOptions) -> str | None:
        del options
        return None if _uv() else "`uv` is not installed"

    def prepare(self, workshop: Workshop) -> Artefact:
        place = workshop.folder / "venv"
        self._install(workshop, workshop.root, place)  # so that all packages are in uv's cache
        shutil.rmtree(place)
        since = time.perf_counter()
        self._install(workshop, workshop.sources, place)
        seconds = time.perf_counter() - since
        bytes_ = {"disk_bytes": allocated(place), "host_disk_bytes": python_bytes() + engine_bytes()}
        return Artefact(str(place), seconds, bytes_, {"python": sys.version.split()[0]})

    @staticmethod
    def _install(workshop: Workshop, sources: Path, place: Path) -> None:
        environment = {
            **os.environ,
            "UV_PROJECT_ENVIRONMENT": str(place),
            "UV_LINK_MODE": "copy",  # else its files are uv's own, and would be counted as ours
            "UV_COMPILE_BYTECODE": "1",
            "UV_PYTHON_DOWNLOADS": "never",
        }
        environment.pop("VIRTUAL_ENV", None)
        options = ("--locked", "--no-default-groups", "--no-editable", "--quiet", "--package", "twinshop-translate")
        command = [_uv(), "sync", *options, "--python", os.path.realpath(sys.executable), "--project", str(sources)]
        docker.output(command, INSTALL_SECONDS, env=environment, cwd=workshop.folder)

    @contextmanager
    def start(self, artefact: Artefact, bench: Bench) -> Iterator[StartedVenv]:
        ports = ReservedPorts()
        port, log = ports.take(), bench.folder / "venv.log"
        python = Path(artefact.place) / "bin" / MODULE[0]
        own = {"TWINSHOP_HOST": HOST, "TWINSHOP_PORT": str(port), "PYTHONUNBUFFERED": "1", **ENVIRONMENT}
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ} | own
        try:
            since = time.perf_counter()
            with spawned([str(python), *MODULE[1:]], bench.shop_cores, log, environment, bench.folder) as process:
                url = f"http://{HOST}:{port}"
                yield StartedVenv(since, url, python, bench.folder, environment, process, log)
        finally:
            ports.release()


def _uv() -> str:
    """The one that runs us, that of PATH, or the one that make has put into the checkout; empty if there is none."""
    own = repository.repository() / ".tools" / "bin" / "uv"
    return os.environ.get("UV") or shutil.which("uv") or (str(own) if own.is_file() else "")


def python_bytes() -> int:
    """What an environment does not hold and cannot do without: the interpreter and its standard library."""
    places = {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}
    return allocated(Path(sys.executable).resolve(), *places, without="site-packages")


def engine_bytes() -> int:
    """Debian's packages of the translation engine; 0 where they are not installed or this is no Debian."""
    if not shutil.which("dpkg-query"):
        return 0
    rows = external.run(["dpkg-query", "--show", "--showformat", "${Installed-Size} ${Package}\n", *ENGINE], timeout=60)
    return sum(1024 * int(row.split()[0]) for row in rows.stdout.splitlines() if row.split()[0].isdigit())
