"""A server with one small component, for tests that plant faults into real processes."""

import os
from contextlib import asynccontextmanager

from fastapi import APIRouter

from twinshop.kit.app import create_app as kit_app
from twinshop.kit.component import Component
from twinshop.kit.faults import exposed
from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings


class Port:
    async def double(self, number: int) -> int:
        return 2 * number

    async def half(self, number: int) -> int:
        return number // 2


def create_app():
    port = exposed("probe", Port())
    routes = APIRouter(prefix="/probe")

    @routes.get("/double")
    async def double(number: int) -> int:
        return await port.double(number)

    @routes.get("/half")
    async def half(number: int) -> int:
        return await port.half(number)

    @routes.get("/pid")
    async def pid() -> int:
        return os.getpid()

    @asynccontextmanager
    async def running():
        yield

    async def ready() -> None: ...

    return kit_app([Component("probe", port, lambda: routes, running, ready)], ServerSettings(), title="Probe")


if __name__ == "__main__":
    serve("probe:create_app", "probe", ServerSettings())
