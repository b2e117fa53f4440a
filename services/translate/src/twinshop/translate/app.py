"""The translator as a component, and alone in a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from twinshop.contracts.translate import Translator
from twinshop.kit import app
from twinshop.kit.component import Component
from twinshop.kit.faults import exposed
from twinshop.kit.settings import ServerSettings
from twinshop.translate import routes
from twinshop.translate.settings import TranslateSettings
from twinshop.translate.wiring import assemble


def build(settings: TranslateSettings | None = None) -> Component[Translator]:
    """The component, with settings from the environment unless given. No engine runs yet. Raises ModelsError."""
    service = assemble(settings or TranslateSettings())
    port = exposed("translate", service)

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.close()

    return Component("translate", port, partial(routes.router, port), running, service.ready)


def create_app() -> FastAPI:
    """The translator alone in a process."""
    return app.create_app([build()], ServerSettings(), title="Twinshop translator")
