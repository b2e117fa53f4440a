"""The docker runtime: the compose file of the shape, through Docker Compose."""

import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from twinshop.lab import repository
from twinshop.lab.environments import external, lifecycle, ports, readiness
from twinshop.lab.environments.docker import docker
from twinshop.lab.environments.docker.compose_file import compose
from twinshop.lab.environments.docker.project import Project
from twinshop.lab.environments.lifecycle import Deployment, Status
from twinshop.lab.environments.variables import CATALOG
from twinshop.lab.errors import LabError, ProvisionError
from twinshop.lab.shapes import Shape

POLL_SECONDS = 0.5


class ComposeDeployment(Deployment):
    """
    A shape in containers.

    What it needs on the disk is in `.run/docker/<shape>`: the build log, the logs of a failure, the shape itself, and
    its compose file if the repository has none.
    """

    runtime = "docker"

    def __init__(self, shape: Shape, root: Path, say: Callable[[str], None] = print) -> None:
        super().__init__(shape, root, say)
        self._composition = compose(shape, root)

    @property
    def title(self) -> str:
        return f"{self.shape.name} on Docker"

    @property
    def _compose(self) -> Project:
        own = {"TWINSHOP_PORT": str(self.shape.port), "TWINSHOP_SECRET": repository.shop_secret(self._root)}
        environment = {**_inherited(), **own}
        variables = repository.docker_env(self._root)
        project = Project(f"twinshop-{self.shape.name}", self._root, self._folder, environment, variables)
        project.describe(self._composition.write(repository.folder(self._root, self._name)))
        return project

    @property
    def exists(self) -> bool:
        """Whether this checkout has what it takes."""
        file = self._composition.file
        return file is None or file.is_file()

    def up(self, seconds: float) -> bool:
        if not self.exists:
            raise ProvisionError(f"Docker cannot run {self.shape.name}: {self._composition.file} is missing.")
        repository.require_space(self._root)
        repository.folder(self._root, self._name)
        with repository.locked(self._folder / "lock"):
            before = self.ps()
            if lifecycle.ready(before) and self._brought_up_last():
                return False
            if not lifecycle.running(before):
                ports.require_free({self.shape.port: "the shop"})
            self._make_folder()
            own = repository.shop_secret(self._root)
            if os.environ.get("TWINSHOP_SECRET", "") not in ("", own):
                self._say(
                    "TWINSHOP_SECRET of this shell is ignored, because .run/secret signs the carts of existing "
                    "visitors. To replace it, write your secret there; the carts are then lost."
                )
            self._say(f"Building the images (the log is {self._shown(self._folder / 'build.log')}) …")
            self._compose.build(())
            try:
                self._start(seconds)
            except BaseException as error:  # an impatient Ctrl-C as well: nothing half-started stays behind
                if isinstance(error, LabError):
                    error = LabError(f"{error}\n{self._post_mortem()}")
                self._compose.call("down", "--remove-orphans")
                raise error from None
        return True

    def _brought_up_last(self) -> bool:
        """False if another grouping has the same name, that of its port."""
        last = self._folder / "shape.json"
        return last.is_file() and json.loads(last.read_text()) == json.loads(json.dumps(self.shape.as_json()))

    def _start(self, seconds: float) -> None:
        self._say("Starting the containers …")
        done = self._compose.call("up", "--detach", "--remove-orphans", "--wait", "--wait-timeout", str(int(seconds)))
        if done.returncode:
            waiting = "\n".join(lifecycle.waiting(self.ps()))
            said = done.stdout + done.stderr
            raise ProvisionError(
                f"Not everything is ready:\n{waiting}\nCompose says:\n{external.tail(said)}{docker.disk_hint(said)}"
            )
        self.wait(seconds)

    def _post_mortem(self) -> str:
        """Keep all logs before the containers go, and show the ends of those that matter."""
        parts = []
        for each in (state for state in self.ps() if state.state != "ready"):
            lines = self._compose.call(
                "logs", "--no-color", "--no-log-prefix", "--tail", str(external.TAIL), each.name
            ).stdout
            parts.append(f"The last lines of {each.name}:\n{external.tail(lines)}")
        whole = self._compose.call("logs", "--no-color", "--timestamps").stdout
        (self._folder / "failed.log").write_text(whole)
        kept = f"Everything was stopped again; the logs are in {self._shown(self._folder / 'failed.log')}"
        return "\n".join([*parts, kept]) + docker.password_hint(whole, self._compose.name)

    def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            states = self.ps()
            if not lifecycle.running(states):
                raise ProvisionError(f"{self.title} is not running.")
            answers, said = readiness.ask(self.shape.port)
            if lifecycle.ready(states) and answers:
                return
            crashed = [each.name for each in states if each.state == "crashed"]
            if crashed or time.monotonic() > end:
                door = [] if answers else [f"    {self.url}: {said}"]
                reason = (
                    f"{', '.join(crashed)} crashed" if crashed else f"Not everything is ready after {seconds:.0f} s"
                )
                raise ProvisionError("\n".join([f"{reason}:", *lifecycle.waiting(states), *door]))
            time.sleep(POLL_SECONDS)

    def ps(self) -> list[Status]:
        done = self._compose.call("ps", "--all", "--format", "json")
        if done.returncode:
            raise ProvisionError(f"Docker Compose does not answer:\n{external.tail(done.stderr)}")
        found = [docker.container(each) for each in docker.rows(done.stdout)]
        # One that has migrated its database has ended, as it should: it is no part of the shop that could be stopped.
        return [each for each in found if each.name not in self._composition.migrations or each.state != "stopped"]

    def logs(self, names: Sequence[str] = (), *, lines: int = 50, follow: bool = False) -> None:
        options = ["--follow"] if follow else []
        if not self._compose.show("logs", *options, "--tail", str(lines), *self._services(names)):
            raise ProvisionError(f"There are no logs of {self.title}.")

    def _services(self, names: Sequence[str]) -> list[str]:
        """Of a component or a process that of the process; any other name is a service's own, such as `redis`."""
        services = dict(self._composition.services)
        for process in self.shape.processes:
            services |= dict.fromkeys(process.components, services[process.name])
        return list(dict.fromkeys(services.get(name, name) for name in names))

    def import_products(self, file: Path) -> bool:
        (service,) = self._services(["catalog"])
        with file.open("rb") as content:  # the container does not see the file itself
            return self._compose.show("exec", "-T", service, "python", "-m", CATALOG, "import", "-", given=content)

    def down(self, *, delete: bool = False) -> bool:
        if not self.exists:
            return False
        ran = bool(self.ps())
        if ran or delete:
            self._compose.run("down", "--remove-orphans", *(["--volumes"] if delete else []))
        if delete:
            docker.remove_volumes(self._compose.name)
            shutil.rmtree(self._folder, ignore_errors=True)
        return ran


def _inherited() -> dict[str, str]:
    """The shell's variables: a database takes the password that it names."""
    kept = repository.MADE_ONCE
    return {name: value for name, value in os.environ.items() if value or name not in kept}  # empty, it would hide one
