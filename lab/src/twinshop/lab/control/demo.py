"""What `twinshop demo` does: both shapes, and the control room in front of them."""

import argparse
import asyncio
import secrets
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from types import FrameType

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from twinshop.lab import repository
from twinshop.lab.control.app import create_app
from twinshop.lab.control.kinds import KINDS
from twinshop.lab.control.room import Room
from twinshop.lab.control.shop import Shop
from twinshop.lab.environments import ports
from twinshop.lab.environments.docker import docker
from twinshop.lab.environments.open import open_watched
from twinshop.lab.environments.protocol import EnvironmentOptions, Runtime
from twinshop.lab.environments.sources import copied
from twinshop.lab.errors import ProvisionError
from twinshop.lab.shapes import MICRO, MONO
from twinshop.lab.terminal import say

READY_SECONDS = 180.0
STAYS_SECONDS = 60.0
"""From the last time limit to the removal of the shops, if the room is killed: so that their recovery is to be seen."""


def demo(arguments: argparse.Namespace) -> int:
    root = repository.repository()
    repository.require_space(root)
    ports.require_free({arguments.port: "the control room"})
    runtime = _runtime(arguments.runtime)
    token = secrets.token_urlsafe(24)
    origin = f"http://127.0.0.1:{arguments.port}"
    settings = {shape.name: {"STOREFRONT_FRAMED_BY": origin} for shape in (MONO, MICRO)}
    common = EnvironmentOptions(faults=True)  # one secret for both shops
    with TemporaryDirectory(prefix="twinshop-demo-") as folder, ExitStack() as stack:
        shops = {}
        for shape in (MONO, MICRO):
            own, options = Path(folder) / shape.name, replace(common, environment=settings[shape.name])
            opening = open_watched(shape, runtime, root, own, options, stays=STAYS_SECONDS)
            environment, watchdog = stack.enter_context(opening)
            shops[shape.name] = Shop(environment, watchdog, own)
        # each has its address from now on, and is created with that of the other
        for name, other in ((MONO.name, MICRO.name), (MICRO.name, MONO.name)):
            settings[name]["STOREFRONT_OTHER_SHAPE_URL"] = shops[other].url
        for name, shop in shops.items():
            say(f"Starting {name} on the {runtime} runtime …")
            shop.environment.create()
            shop.environment.start()
        for shop in shops.values():
            shop.environment.wait_ready(READY_SECONDS)
            say(f"Ready: {shop.environment.shape.name}, {shop.url}")
        sources = stack.enter_context(copied(root, shops[MONO.name].folder))
        room = Room(shops, KINDS, arguments.rate, sources)
        app = create_app(room, SecretStr(token))
        greeting = f"\nThe control room is open: {origin}/?token={token}\nCtrl-C closes it and stops both shops."
        with suppress(KeyboardInterrupt):  # uvicorn has closed everything, and then raises it again
            asyncio.run(_Server(app, room, arguments.port, greeting).serve())
    say("Both shops are stopped.")
    return 0


class _Server(uvicorn.Server):
    """Says when it listens, and tells the room when it is to close, so that the streams of events end by themselves."""

    def __init__(self, app: FastAPI, room: Room, port: int, greeting: str) -> None:
        super().__init__(uvicorn.Config(app, "127.0.0.1", port, log_level="warning", timeout_graceful_shutdown=3))
        self._room = room
        self._greeting = greeting

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        say(self._greeting)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._room.close()
        super().handle_exit(sig, frame)


def _runtime(wanted: str) -> Runtime:
    why_not = None if wanted == "local" else docker.unusable()
    if wanted == "docker" and why_not:
        raise ProvisionError(f"Docker cannot be used: {why_not}.\nWithout Docker: RUNTIME=local")
    if wanted == "local" or why_not:
        if why_not:
            say(f"Docker cannot be used ({why_not}): the shops run without it.")
        return "local"
    return "docker"
