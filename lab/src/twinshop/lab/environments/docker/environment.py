"""An environment of containers: the compose file of its shape, under a project name of its own, and an overlay."""

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from twinshop.lab.environments import external, readiness, setup
from twinshop.lab.environments.docker.budget import Budget, budget
from twinshop.lab.environments.docker.build import build
from twinshop.lab.environments.docker.cgroup_mounts import Cgroups
from twinshop.lab.environments.docker.compose_file import EDGE, compose
from twinshop.lab.environments.docker.engine import Engine
from twinshop.lab.environments.docker.images import image_of
from twinshop.lab.environments.docker.overlay import overlay
from twinshop.lab.environments.docker.parts import ContainerParts
from twinshop.lab.environments.docker.project import Project
from twinshop.lab.environments.docker.ready import Readiness
from twinshop.lab.environments.docker.rollout import Rollout
from twinshop.lab.environments.docker.usage import usage_of
from twinshop.lab.environments.logs import keep_logs
from twinshop.lab.environments.protocol import EnvironmentOptions, Patched, Runtime, Usage
from twinshop.lab.environments.reserved_ports import ReservedPorts
from twinshop.lab.environments.usage import total
from twinshop.lab.environments.waiting import until_ready
from twinshop.lab.errors import ProvisionError, Unsupported
from twinshop.lab.shapes import Shape


class DockerEnvironment(ContainerParts):
    """Its data are in volumes of its project until it is removed; its logs are in `folder/logs` from then on."""

    runtime: Runtime = "docker"

    def __init__(self, shape: Shape, root: Path, folder: Path, options: EnvironmentOptions) -> None:
        setup.check(options, [process.name for process in shape.processes])
        name = f"twinshopsite{secrets.token_hex(4)}"
        super().__init__(setup.with_workers(shape, options), compose(shape, root.resolve()), Engine(name))
        self.folder = folder.resolve()
        self._root = root.resolve()
        self.token = setup.new_token() if options.faults else None
        self._options = options
        self._name = name
        self._held = ReservedPorts()
        self._port = self._held.take()
        self._budget: Budget | None = None
        self._created = False
        self._replicas = {self._services[part]: count for part, count in options.replicas.items()}
        self._rollout: Rollout | None = None
        environment = {
            **setup.inherited(os.environ),
            "TWINSHOP_PORT": str(self._port),
            "TWINSHOP_RATE_LIMIT": "0",  # the whole load comes from one address
            "TWINSHOP_SECRET": options.secret,
            "TWINSHOP_DB_PASSWORD": secrets.token_hex(16),
            "TWINSHOP_OWNER_PASSWORD": secrets.token_hex(16),
            **({setup.FAULT_TOKEN: self.token} if self.token else {}),
        }
        self._project = Project(name, root, self.folder / "logs", environment)

    @property
    def project(self) -> str:
        """The name of its compose project."""
        return self._name

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def fault_folder(self) -> Path | None:
        return self.folder / "data" / "faults" if self._options.faults else None

    def create(self) -> None:
        if self._created:
            return
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        (self.folder / "logs").mkdir(exist_ok=True)
        self._budget = self._budget or self._make_budget()
        if self.fault_folder:
            self.fault_folder.mkdir(exist_ok=True)
            self.fault_folder.chmod(0o777)  # the processes in the containers are another user
        added = data / "overlay.json"
        text = overlay(
            self.shape,
            self._composition,
            self._options,
            setup.stocked(data, self._options.stock),
            fault_folder=self.fault_folder,
            parent=self._budget.parent if self._budget else None,
        )
        added.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
        files = (self._composition.write(data), added)
        self._project.describe(*files)
        self._project.build(sorted([*self._composition.services.values(), EDGE]))
        self._project.run("up", "--no-start", "--no-build")
        front = self._services[self.hosts("storefront")]
        self._rollout = Rollout(
            self._project, self._engine, files, self._composition.services, self._replicas, front, self._port
        )
        self._created = True

    def _make_budget(self) -> Budget | None:
        options = self._options
        if options.cpus is None and options.memory_bytes is None:
            return None
        if not self._engine.is_here:
            raise Unsupported("A total budget needs an engine whose containers are processes of this machine.")
        cgroups = Cgroups.of_this_machine()
        return budget(cgroups, self._engine.cgroup_driver, self._name, options.cpus, options.memory_bytes)

    def remains(self) -> dict[str, Any]:
        networks = {
            each.id: self._cut.get(each.id) or self._engine.networks(each.id) for each in self._engine.containers()
        }
        return {"shape": self.shape.as_json(), "root": str(self._root), "networks": networks}

    def start(self) -> float:
        """As Compose does it: whatever needs a store when that says that it is healthy."""
        if not self._created:
            raise ProvisionError("The environment must be created before it is started.")
        return self._project.begin("start")

    def wait_ready(self, seconds: float = 120) -> float:
        look = Readiness(self._engine)
        asks: dict[str, Callable[[], tuple[bool, str]]] = {
            store: partial(look.store, store) for store in self._composition.stores
        }
        asks |= {part: partial(look.process, service) for part, service in self._composition.services.items()}
        asks[EDGE] = partial(readiness.ask, self._port)

        def require_life(part: str) -> None:
            self._project.check()
            if why := look.hopeless(self._services[part]):
                raise ProvisionError(f"{part} {why}. Its last lines:\n{external.tail(self.logs(part))}")

        when = until_ready(asks, require_life, seconds)
        self._project.finish()
        return when

    def stop(self) -> None:
        self._project.run("stop")

    def remove(self) -> None:
        with ExitStack() as each_whatever_happens:  # the last one first
            each_whatever_happens.callback(shutil.rmtree, self.folder / "data", ignore_errors=True)
            each_whatever_happens.callback(self._held.release)
            each_whatever_happens.callback(self._engine.close)
            if self._budget:
                each_whatever_happens.callback(self._budget.remove)
            each_whatever_happens.callback(self._project.remove)
            if self._created:
                each_whatever_happens.callback(keep_logs, self)
            self._created = False

    def scale(self, part: str, replicas: int) -> None:
        if part not in self._composition.services:
            raise Unsupported(f"{part} cannot be scaled: only processes of the shop can, not stores nor the edge.")
        service = self._services[part]
        how = ("--detach", "--no-deps", "--no-recreate", "--no-build")
        self._project.run("up", *how, "--scale", f"{service}={replicas}", service)
        self._replicas[service] = replicas

    def deploy(self, images: Mapping[str, str], *, rolling: bool = False, seconds: float = 60) -> int:
        if self._rollout is None:
            raise ProvisionError("The environment must be created before a deployment.")
        return self._rollout.deploy(images, rolling=rolling, seconds=seconds)

    def patch(self, component: str, sources: Path, seconds: float = 60) -> Patched:
        process = self.shape.host_of(component)
        image = image_of(process)
        tag = f"{self._name}/{image.name}:{secrets.token_hex(4)}"  # of that name, since it goes with the project
        built = build(sources, image.dockerfile, tag=tag)
        self.resume(process.name)  # one that is stopped would not stop gracefully
        since = time.perf_counter()
        started = self.deploy({process.name: tag}, seconds=seconds)
        return Patched(built.seconds, time.perf_counter() - since, started)

    def total(self) -> Usage:
        whole = self._budget.read() if self._budget else None
        parts = total(list(self.usage().values()), "cgroup")
        if whole is None:
            return parts
        return usage_of(whole, parts.received_bytes, parts.sent_bytes, parts.starts)
