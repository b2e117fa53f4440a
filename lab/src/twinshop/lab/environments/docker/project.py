"""The `docker compose` commands of one project: of `twinshop up`, or of a trial."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from twinshop.lab.environments import external
from twinshop.lab.environments.docker import docker
from twinshop.lab.errors import ProvisionError

REMOVE_TRIES, REMOVE_PAUSE_SECONDS = 10, 0.5
BEGIN_LOG = "compose.log"

_built: set[tuple[Path, tuple[str, ...]]] = set()
"""What this process has built already: an environment of the next trial has the same images."""


class Project:
    """
    A compose project.

    Args:
        name: of the project.
        root: the repository.
        logs: the folder for what Compose says.
        environment: of Compose itself; the secrets of the shop are in it.
        variables: a file with further variables. By default none: what is in a user's own would be a hidden factor.
    """

    def __init__(
        self,
        name: str,
        root: Path,
        logs: Path,
        environment: Mapping[str, str],
        variables: Path = Path("/dev/null"),
    ) -> None:
        self.name = name
        self._root = root
        self._logs = logs
        self._environment = dict(environment)
        self._variables = variables
        self._files: tuple[Path, ...] = ()
        self._begun: subprocess.Popen[bytes] | None = None

    def describe(self, *files: Path) -> None:
        """Set its compose files; each adds to those before."""
        self._files = files

    def build(self, services: Sequence[str]) -> None:
        """Build the images of these services, once in the life of this process; of none: those of all, every time."""
        if (self._root, tuple(services)) in _built:
            return
        done = external.run(
            self._command("--progress", "plain", "build", *services),
            cwd=self._root,
            env=self._environment | docker.builder(),
        )
        output = done.stdout + done.stderr
        (self._logs / "build.log").write_text(output)
        if done.returncode:
            raise ProvisionError(f"The images cannot be built:\n{external.tail(output)}{docker.disk_hint(output)}")
        if services:
            _built.add((self._root, tuple(services)))

    def run(self, *arguments: str) -> None:
        """Run one command; raises LabError with the last lines of what it said."""
        self.finish()
        done = self.call(*arguments)
        if done.returncode:
            said = done.stdout + done.stderr
            raise ProvisionError(f"docker compose {arguments[0]} fails:\n{external.tail(said)}{docker.disk_hint(said)}")

    def begin(self, *arguments: str) -> float:
        """Run one command in the background; the moment at which it began."""
        self.finish()
        with (self._logs / BEGIN_LOG).open("wb") as log:
            since = time.perf_counter()
            self._begun = subprocess.Popen(  # noqa: S603 - our own command
                self._command(*arguments),
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return since

    def check(self) -> None:
        """Raises LabError if the command in the background has failed."""
        if self._begun is not None and self._begun.poll():
            said = (self._logs / BEGIN_LOG).read_text(errors="replace")
            self._begun = None
            raise ProvisionError(f"The containers cannot be started:\n{external.tail(said)}{docker.disk_hint(said)}")

    def finish(self) -> None:
        """Wait for the command in the background. Raises LabError if it fails."""
        if self._begun is not None:
            self._begun.wait()
            self.check()
            self._begun = None

    def remove(self) -> None:
        """All containers, networks, volumes and images of its own, also of a creation that was cut short."""
        if self._begun is not None:
            self._begun.terminate()
            self._begun.wait()
            self._begun = None
        # Without its files, which may never have been written: Compose knows what is its own by labels. From the root
        # folder, where no others are found, and in a session of its own: a Ctrl-C is for us, and comes after this.
        command = ["docker", "compose", "-p", self.name, "down", "--volumes", "--remove-orphans", "--timeout", "0"]
        for _ in range(REMOVE_TRIES):
            done = external.run(command, cwd="/", env=self._environment, start_new_session=True)
            # What the engine is still removing, Compose counts as removed.
            if done.returncode == 0 and not (left := docker.left_of(self.name)):
                docker.remove_volumes(self.name)
                docker.remove_images(self.name)
                return
            time.sleep(REMOVE_PAUSE_SECONDS)
        said = external.tail(done.stdout + done.stderr) if done.returncode else f"still there: {' '.join(left)}"
        raise ProvisionError(f"The environment {self.name} cannot be removed:\n{said}")

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Return what one command said and its exit code."""
        return external.run(self._command(*arguments), cwd=self._root, env=self._environment)

    def show(self, *arguments: str, given: IO[bytes] | None = None) -> bool:
        """Run one command on the terminal, with this input; whether it succeeded."""
        command = self._command(*arguments)
        return not subprocess.run(command, cwd=self._root, env=self._environment, stdin=given, check=False).returncode  # noqa: S603

    def _command(self, *arguments: str) -> list[str]:
        files = [option for file in self._files for option in ("-f", str(file))]
        return ["docker", "compose", "--env-file", str(self._variables), "-p", self.name, *files, *arguments]
