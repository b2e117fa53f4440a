"""Parts of a running environment replaced by others from other images."""

import json
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from twinshop.lab.environments import external, readiness
from twinshop.lab.environments.docker.compose_file import EDGE
from twinshop.lab.environments.docker.engine import Container, Engine
from twinshop.lab.environments.docker.parts import STOP_SECONDS, control_urls
from twinshop.lab.environments.docker.project import Project
from twinshop.lab.environments.docker.ready import MOST_RESTARTS
from twinshop.lab.environments.waiting import until_ready
from twinshop.lab.errors import ProvisionError, Unsupported

SETTLE_SECONDS = 3.0
"""From a new storefront's readiness to the end of an old one: the edge finds it in a second, then checks it."""
IMAGES = "images.json"
UP = ("up", "--detach", "--no-deps", "--no-build")


class Rollout:
    """
    Keeps in mind which images were deployed.

    Args:
        project: of the environment.
        engine: of its containers.
        files: its compose files; one more is written beside the last of them.
        services: by parts, of the processes of the shop.
        replicas: how many containers a service has, where it is not one.
        front: the service that the edge asks.
        port: of the edge.
    """

    def __init__(
        self,
        project: Project,
        engine: Engine,
        files: Sequence[Path],
        services: Mapping[str, str],
        replicas: Mapping[str, int],
        front: str,
        port: int,
    ) -> None:
        self._project = project
        self._engine = engine
        self._files = tuple(files)
        self._services = services
        self._replicas = replicas
        self._front = front
        self._port = port
        self._images: dict[str, str] = {}

    def deploy(self, images: Mapping[str, str], *, rolling: bool, seconds: float) -> int:
        """See `Environment.deploy`."""
        if unknown := [part for part in images if part not in self._services]:
            raise Unsupported(f"{unknown[0]} cannot be deployed: only processes of the shop, not stores nor the edge.")
        started = 0
        for part, image in images.items():
            service = self._services[part]
            self._want(service, image)
            before = {each.id for each in self._containers(service)}
            if rolling:
                self._roll(service, image, seconds)
            else:
                self._recreate(service, seconds)
            started += len({each.id for each in self._containers(service)} - before)
        return started

    def _want(self, service: str, image: str) -> None:
        self._images[service] = image
        file = self._files[-1].with_name(IMAGES)
        text = {"services": {name: {"image": each} for name, each in self._images.items()}}
        file.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
        self._project.describe(*self._files, file)

    def _recreate(self, service: str, seconds: float) -> None:
        self._project.run(*UP, "--scale", f"{service}={self._replicas.get(service, 1)}", service)
        self._wait({container.id for container in self._containers(service)}, service, seconds)
        if service == self._front:
            until_ready({EDGE: partial(readiness.ask, self._port)}, lambda _: None, seconds)

    def _roll(self, service: str, image: str, seconds: float) -> None:
        """One more from the image; when it is ready, one of the others less; until none of the others is left."""
        while others := [each for each in self._containers(service) if each.image != image]:
            there = {each.id for each in self._containers(service)}
            if len(there) - len(others) < self._replicas.get(service, 1):
                self._project.run(*UP, "--no-recreate", "--scale", f"{service}={len(there) + 1}", service)
                self._wait({each.id for each in self._containers(service)} - there, service, seconds)
                if service == self._front:
                    time.sleep(SETTLE_SECONDS)
            others.sort(key=lambda each: each.state == "running")  # what does not run at all goes first
            self._engine.remove(others[0].id, STOP_SECONDS)

    def _containers(self, service: str) -> list[Container]:
        return [each for each in self._engine.containers() if each.service == service]

    def _wait(self, ids: set[str], service: str, seconds: float) -> None:
        """Until these containers are ready."""

        def ask() -> tuple[bool, str]:
            found = [each for each in self._containers(service) if each.id in ids]
            urls = control_urls(found)
            if not found or len(urls) < len(ids):
                return False, ", ".join(each.state for each in found) or "there is no container"
            answers = [readiness.ask(urlsplit(url).port or 0) for url in urls]
            return next((answer for answer in answers if not answer[0]), (True, ""))

        def require_life(_: str) -> None:
            for container in self._containers(service):
                if container.id not in ids or container.state == "running":
                    continue
                restarts = self._engine.exits(container.id)[0]
                if restarts > MOST_RESTARTS:
                    last = external.tail(self._engine.logs(container.id))
                    raise ProvisionError(f"{service} exited {restarts + 1} times. Its last lines:\n{last}")

        until_ready({service: ask}, require_life, seconds)
