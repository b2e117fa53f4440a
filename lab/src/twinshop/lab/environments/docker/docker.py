"""The `docker` command: whether it can be used, and what its answers mean."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from twinshop.lab.environments.external import run, tail
from twinshop.lab.environments.lifecycle import State, Status
from twinshop.lab.errors import ProvisionError

ASK_SECONDS = 5.0


ENGINE = ["docker", "version", "--format", "{{.Server.Version}}{{range .Server.Components}} {{.Name}}{{end}}"]
PODMAN, LEAST_PODMAN = "Podman", 5
ONLY_DOCKER = "faults and measurements need Docker's own engine"
ONLY_PODMAN = "Podman needs Docker's client and Compose in front of it (docs/platforms.md)"


def unusable(*, podman: bool = False) -> str | None:
    """
    Why Docker cannot be used here; None if it can.

    Args:
        podman: whether a recent Podman behind Docker's client will do. It runs the shop; faults and measurements need
            Docker's own engine.
    """
    if shutil.which("docker") is None:
        return ONLY_PODMAN if shutil.which("podman") else "there is no `docker` command"
    for command in (
        ["docker", "info", "--format", "{{.ServerVersion}}"],
        ENGINE,
        ["docker", "compose", "version", "--short"],
    ):
        spoken = " ".join(command[:2])
        try:
            answer = run(command, timeout=ASK_SECONDS)
        except subprocess.TimeoutExpired:
            return f"`{spoken}` does not answer within {ASK_SECONDS:.0f} s"
        version = answer.stdout.strip()
        if answer.returncode or not version:
            return f"`{spoken}` says: {_last_line(answer.stderr) or 'nothing'}"
        if command == ENGINE and PODMAN in version and (not podman or _major(version) < LEAST_PODMAN):
            needed = f"Podman {LEAST_PODMAN} or Docker's own engine is required" if podman else ONLY_DOCKER
            return f"the engine is Podman {version.partition(' ')[0]}: {needed} (docs/platforms.md)"
        if command[1] == "compose" and version.lstrip("v").startswith("1."):
            return f"Docker Compose {version} is too old: version 2 is required"
    return None


def builder() -> dict[str, str]:
    """Variables for the client to build with: Podman builds itself, and has no BuildKit."""
    try:
        engine = run(ENGINE, timeout=ASK_SECONDS).stdout
    except subprocess.TimeoutExpired:  # the build says more
        return {}
    return {"DOCKER_BUILDKIT": "0"} if PODMAN in engine else {}


def _major(version: str) -> int:
    return int(version.partition(".")[0])


def container(info: dict[str, Any]) -> Status:
    """The status of one container, from a row of `docker compose ps --format json`."""
    health, code = info.get("Health") or "", info.get("ExitCode", 0)
    states: dict[str, State] = {"running": "ready", "restarting": "restarting", "created": "starting"}
    found: State = states.get(info["State"], "crashed" if code else "stopped")
    if found == "ready" and health not in ("", "healthy"):
        found = "starting" if health == "starting" else "not ready"
    published = sorted({str(each["PublishedPort"]) for each in info.get("Publishers") or () if each["PublishedPort"]})
    where = f"container {info['Name']}" + (f", port {', '.join(published)}" if published else "")
    detail = f"exit code {code}" if found == "crashed" else health
    return Status(info["Service"], found, where, "" if detail == "healthy" else detail)


def rows(text: str) -> list[dict[str, Any]]:
    """Compose prints one object a line; before version 2.21, one list."""
    if text.startswith("["):
        rows: list[dict[str, Any]] = json.loads(text)
        return rows
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def left_of(project: str) -> list[str]:
    """Return the ids of the containers and networks of a compose project."""
    of_project = _of(project)
    return [
        id_
        for kind in (["ps", "--all"], ["network", "ls"])
        for id_ in run(["docker", *kind, "--quiet", *of_project]).stdout.split()
    ]


def _of(project: str) -> tuple[str, str]:
    return "--filter", f"label=com.docker.compose.project={project}"


def remove_volumes(project: str) -> None:
    """All of a compose project: Compose itself only removes those that its file still names."""
    names = run(["docker", "volume", "ls", "--quiet", *_of(project)]).stdout.split()
    if names:
        run(["docker", "volume", "rm", *names])


def remove_images(project: str) -> None:
    """Those that were made for a compose project: their names begin with its own."""
    names = run(["docker", "image", "ls", "--quiet", "--filter", f"reference={project}/*"]).stdout.split()
    if names:
        run(["docker", "image", "rm", "--force", *dict.fromkeys(names)])


def output(command: Sequence[str], seconds: float, **options: Any) -> str:  # noqa: ANN401 - passed on
    """What a command prints. Raises LabError: it failed, or was not through in time."""
    spoken = " ".join(command[:2])
    try:
        done = run(command, timeout=seconds, **options)
    except subprocess.TimeoutExpired:
        raise ProvisionError(f"`{spoken}` did not finish within {seconds:.0f} s.") from None
    if done.returncode:
        said = done.stdout + done.stderr
        raise ProvisionError(f"`{spoken}` exited with code {done.returncode}:\n{tail(said)}{disk_hint(said)}")
    return done.stdout


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


def password_hint(text: str, project: str) -> str:
    """What to do about a refused password; empty if none was."""
    if "password authentication failed" not in text:
        return ""
    return (
        f"\nThe database of {project} rejects the password. A database accepts the password that its "
        f"container was started with. Stop it with `docker compose -p {project} down`, which keeps the "
        "data, and start the shop again."
    )


def disk_hint(text: str) -> str:
    full = "no space left on device" in text.lower()
    return (
        "\nThe disk is full: `docker system df` shows what Docker keeps, `docker system prune` frees it."
        if full
        else ""
    )
