"""What can be seen of a student's machine."""

import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import psutil

from twinshop.lab.environments.deployments import choose
from twinshop.lab.environments.external import run
from twinshop.lab.environments.lifecycle import Status
from twinshop.lab.environments.protocol import Runtime
from twinshop.lab.environments.request import Answer, ask
from twinshop.lab.nested import NAME as NESTED
from twinshop.lab.nested import machine as nested_machine
from twinshop.lab.results.run import LATEST, Run
from twinshop.lab.shapes import MICRO, MONO, Shape, parse
from twinshop.shoppers.purchase import DELIVERY, checkout

SHAPES: Mapping[str, Shape] = {"mono": MONO, "micro": MICRO}
OWN_SHAPES: Mapping[str, Shape] = {"mono": parse("mono", 8110), "micro": parse("micro", 8210)}
"""With data of their own, for a lesson that changes what is stored."""
BOOT_TIME_SECONDS = 1.0
"""The kernel tells when it booted in whole seconds, and when a process began from then: up to a second too early."""
PATIENCE_SECONDS = 4.0
"""How long a visit may wait for an answer."""
SKU = "KIT-001"


MANIFESTS = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "docker.distribution.manifest.v2",
        "docker.distribution.manifest.list.v2",
        "oci.image.manifest.v1",
        "oci.image.index.v1",
    )
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a registry knows of an image: its digest, and the size of each layer by its digest, compressed, in bytes."""

    digest: str
    layers: Mapping[str, int]


class Machine(Protocol):
    """Everything that the checks look at."""

    def processes(self, shape: Shape, runtime: Runtime = "local") -> Sequence[Status]:
        """The processes of a shape, its stores too; those that are stopped are not there."""

    def started(self, pid: int) -> float | None:
        """When a process was started (`time.time`), at the latest; None if it has ended."""

    def resident(self, pid: int) -> float:
        """MiB of memory that a process uses now; 0 if it has ended."""

    def frozen(self, pid: int) -> bool:
        """Whether a process is stopped by a signal (SIGSTOP)."""

    def page(self, port: int, path: str) -> tuple[int, str]:
        """Status and text of a page; status 0 without an answer."""

    def buys(self, port: int, **delivery: str) -> bool:
        """Whether a visitor can put something into the cart and pay for it, with further fields of the delivery."""

    def logs_with(self, shape: str, text: str) -> int:
        """How many log files of a shape on the local runtime contain a text."""

    def trials(self) -> Sequence[Mapping[str, Any]]:
        """The trials of the latest run under results/."""

    def nesting(self) -> bool:
        """Whether this machine can run `twinshop nested`."""

    def nested(self) -> bool:
        """Whether it has, under results/."""

    def containers(self, shape: str) -> Mapping[str, float]:
        """The running containers of a shape and when each was started (`time.time`); empty without Docker."""

    def memory(self, container: str) -> float:
        """MiB that a container uses now."""

    def changed(self, path: str) -> float | None:
        """When a file of the checkout was changed since the last commit (`time.time`); None if it was not."""

    def image_bytes(self, name: str) -> int | None:
        """The size of an image; None if there is none."""

    def image_start(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """ENTRYPOINT and CMD of an image; None if there is none."""

    def engine(self) -> str | None:
        """The version of the Docker engine; None if none answers."""

    def container(self, name: str) -> str | None:
        """The state of a container, such as `running` or `exited <code>`; None if the container does not exist."""

    def image_of(self, container: str) -> str | None:
        """The image that a container was started from, as it was named; None if there is no such container."""

    def tags(self, registry_port: int, repository: str) -> Sequence[str]:
        """The tags that a registry on this machine has of a repository; empty if it does not answer."""

    def manifest(self, registry_port: int, repository: str, tag: str) -> Manifest | None:
        """What the registry knows of an image; None if it has none."""

    def seconds(self, *command: str) -> float:
        """How long a command of the checkout takes."""

    def file_bytes(self, path: str) -> int:
        """The size of a file of the checkout."""

    def files(self, pattern: str) -> Sequence[Path]:
        """The files of the checkout that match a pattern."""


class ThisMachine:
    """Implements `Machine` with the repository in a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def processes(self, shape: Shape, runtime: Runtime = "local") -> Sequence[Status]:
        return [each for each in choose(shape, runtime, self._root).ps() if each.state != "stopped"]

    def started(self, pid: int) -> float | None:
        try:
            return psutil.Process(pid).create_time() + BOOT_TIME_SECONDS
        except psutil.NoSuchProcess:
            return None

    def resident(self, pid: int) -> float:
        try:
            return float(psutil.Process(pid).memory_info().rss) / 2**20
        except psutil.NoSuchProcess:
            return 0.0

    def frozen(self, pid: int) -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_STOPPED
        except psutil.NoSuchProcess:
            return False

    def page(self, port: int, path: str) -> tuple[int, str]:
        try:
            answer = ask(f"http://127.0.0.1:{port}", path, seconds=PATIENCE_SECONDS)
        except OSError:
            return 0, ""
        return answer.status, answer.body.decode(errors="replace")

    def buys(self, port: int, **delivery: str) -> bool:
        url, kind = f"http://127.0.0.1:{port}", {"content-type": "application/json"}
        try:
            line = json.dumps({"sku": SKU, "quantity": 1})
            filled = ask(
                url,
                "/api/cart/lines",
                seconds=PATIENCE_SECONDS,
                method="POST",
                body=line,
                headers={**kind, "idempotency-key": secrets.token_urlsafe(12)},
            )
            total = json.loads(filled.body)["total"]["amount"]
            order = json.dumps(checkout(delivery={**DELIVERY, **delivery}, expected_total=total))
            headers = {**kind, "cookie": filled.cookie, "idempotency-key": secrets.token_urlsafe(18)}
            paid = ask(url, "/api/orders", seconds=PATIENCE_SECONDS, method="POST", body=order, headers=headers)
            return bool(json.loads(paid.body)["state"] == "paid")
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def logs_with(self, shape: str, text: str) -> int:
        logs = (self._root / ".run" / shape / "logs").glob("*.log")
        return sum(text in log.read_text(encoding="utf-8", errors="replace") for log in logs)

    def trials(self) -> Sequence[Mapping[str, Any]]:
        return [trial.as_json() for trial in Run(self._root / "results" / LATEST).trials()]

    def nesting(self) -> bool:
        return nested_machine.missing() is None

    def nested(self) -> bool:
        return bool(self.files(f"results/{NESTED}-*/{NESTED}.json"))

    def containers(self, shape: str) -> Mapping[str, float]:
        label = f"label=com.docker.compose.project=twinshop-{shape}"
        names = _docker("ps", "--format", "{{.Names}}", "--filter", label).split()
        told = _docker("inspect", "--format", "{{.Name}} {{.State.StartedAt}}", *names) if names else ""
        return {name.removeprefix("/"): _moment(at) for name, at in (line.split() for line in told.splitlines())}

    def memory(self, container: str) -> float:
        used = _docker("stats", "--no-stream", "--format", "{{.MemUsage}}", container).partition("/")[0].strip()
        found = re.fullmatch(r"([\d.]+)([KMG])iB", used)
        return float(found[1]) * {"K": 1 / 1024, "M": 1, "G": 1024}[found[2]] if found else 0.0

    def changed(self, path: str) -> float | None:
        status = run(["git", "-C", str(self._root), "status", "--porcelain", "--", path]).stdout
        return (self._root / path).stat().st_mtime if status.strip() else None

    def image_bytes(self, name: str) -> int | None:
        size = _docker("image", "inspect", "--format", "{{.Size}}", name).strip()
        return int(size) if size else None

    def image_start(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        form = "[{{json .Config.Entrypoint}}, {{json .Config.Cmd}}]"
        start = _docker("image", "inspect", "--format", form, name).strip()
        if not start:
            return None
        entrypoint, command = json.loads(start)
        return tuple(entrypoint or ()), tuple(command or ())

    def engine(self) -> str | None:
        return _docker("version", "--format", "{{.Server.Version}}").strip() or None

    def container(self, name: str) -> str | None:
        state = _docker("container", "inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", name).strip()
        return "running" if state.startswith("running") else state or None

    def image_of(self, container: str) -> str | None:
        return _docker("container", "inspect", "--format", "{{.Config.Image}}", container).strip() or None

    def tags(self, registry_port: int, repository: str) -> Sequence[str]:
        found = self._registry(registry_port, f"{repository}/tags/list")
        return (found and json.loads(found.body).get("tags")) or []

    def manifest(self, registry_port: int, repository: str, tag: str) -> Manifest | None:
        found = self._registry(registry_port, f"{repository}/manifests/{tag}")
        if found is None:
            return None
        several = json.loads(found.body).get("manifests", [])  # one for each platform, and attestations
        platforms = [each["digest"] for each in several if each["platform"]["architecture"] != "unknown"]
        one = self._registry(registry_port, f"{repository}/manifests/{platforms[0]}") if platforms else found
        layers = json.loads(one.body).get("layers", []) if one is not None else []
        digest = f"sha256:{hashlib.sha256(found.body).hexdigest()}"
        return Manifest(digest, {layer["digest"]: layer["size"] for layer in layers})

    @staticmethod
    def _registry(port: int, path: str) -> Answer | None:
        try:
            found = ask(
                f"http://127.0.0.1:{port}", f"/v2/{path}", seconds=PATIENCE_SECONDS, headers={"accept": MANIFESTS}
            )
        except OSError:
            return None
        return found if found.status == HTTPStatus.OK else None

    def seconds(self, *command: str) -> float:
        begun = time.perf_counter()
        run(command, cwd=self._root)
        return time.perf_counter() - begun

    def file_bytes(self, path: str) -> int:
        return (self._root / path).stat().st_size

    def files(self, pattern: str) -> Sequence[Path]:
        return sorted(self._root.glob(pattern))


def _docker(*arguments: str) -> str:
    """What the command prints; nothing where it fails or is not there."""
    try:
        return run(["docker", *arguments]).stdout
    except OSError:
        return ""


def _moment(text: str) -> float:
    """Docker writes nanoseconds; Python reads microseconds."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*Z", r"\1+00:00", text)).timestamp()
