"""Whether containers are ready, and whether they will ever be."""

import time
from urllib.parse import urlsplit

from twinshop.lab.environments import readiness
from twinshop.lab.environments.docker.engine import Container, Engine
from twinshop.lab.environments.docker.parts import control_urls

LIST_SECONDS = 0.1
"""How long a list of the containers is used: a process needs longer to come up, and listing costs CPU time."""
MOST_RESTARTS = 3
"""What the engine has started again more often is given up."""


class Readiness:
    """For one wait. All of it takes the names of services."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._listed: list[Container] = []
        self._listed_at = 0.0

    def store(self, service: str) -> tuple[bool, str]:
        """By its own health check."""
        found = self._containers(service)
        ready = bool(found) and all(each.state == "running" and each.healthy for each in found)
        return ready, ", ".join(each.state for each in found)

    def process(self, service: str) -> tuple[bool, str]:
        """By `/readyz` of each replica."""
        found = self._containers(service)
        urls = control_urls(found)
        if not found or len(urls) < len(found):
            return False, ", ".join(each.state for each in found) or "there is no container"
        for url in urls:
            ready, said = readiness.ask(urlsplit(url).port or 0)
            if not ready:
                return False, said
        return True, ""

    def hopeless(self, service: str) -> str | None:
        """Why a part will not become ready, in words that follow its name; None if it may."""
        for container in self._containers(service):
            if container.state == "paused":
                return "is paused"
            if container.state not in ("exited", "restarting", "dead"):
                continue
            restarts, code = self._engine.exits(container.id)
            if restarts > MOST_RESTARTS:
                return f"exited {restarts + 1} times (last exit code {code})"
        return None

    def _containers(self, service: str) -> list[Container]:
        now = time.monotonic()
        if now - self._listed_at > LIST_SECONDS:
            self._listed, self._listed_at = self._engine.containers(), now
        return [each for each in self._listed if each.service == service]
