"""A control room over two shops that only note what is done to them."""

from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import SecretStr

from twinshop.lab.control.app import create_app
from twinshop.lab.control.kinds import KINDS
from twinshop.lab.control.room import Room
from twinshop.lab.control.visits import VisitLog
from twinshop.lab.environments.sources import package
from twinshop.lab.errors import Unsupported
from twinshop.lab.shapes import COMPONENTS, MICRO, MONO

TOKEN = "a-token-for-tests-only"


class NotedShop:
    """Takes what the room takes; what is in `cannot` is refused as a runtime refuses it."""

    def __init__(self, name, calls):
        self.name, self.calls, self.cannot = name, calls, set()
        self.url = f"http://127.0.0.1:1/{name}"
        self.shape, self.visits = {"mono": MONO, "micro": MICRO}[name], VisitLog()

    def _note(self, what, *details):
        if what in self.cannot:
            raise Unsupported(f"{self.name} cannot {what}.")
        self.calls.append((self.name, what, *details))

    @asynccontextmanager
    async def watching(self):
        yield

    def load(self, rate, seed):
        self._note("load", rate, seed)

    def look(self):
        return {"page": {"status": 200}, "processes": [], "seconds": []}

    def why_not_scale(self):
        return f"{self.name} cannot scale." if "scale" in self.cannot else None

    def why_not(self, kind, component):
        return f"{self.name} cannot plant." if "plant" in self.cannot else None

    def plant(self, kind, component, seconds):
        self._note("plant", kind.word, component, seconds)
        return lambda: self._note("revert", kind.word, component)

    async def order(self):
        self._note("order")
        return {"text": "Order 7: paid", "milliseconds": 12.0, "calls": []}

    def scale(self, component, replicas):
        self._note("scale", component, replicas)

    def patch(self, component, sources):
        self._note("patch", component, package(sources, component).joinpath("__init__.py").read_text())
        return "code 1 → 2"


@pytest.fixture
def calls():
    return []


@pytest.fixture
def shops(calls):
    return {name: NotedShop(name, calls) for name in ("mono", "micro")}


@pytest.fixture
def room(shops, tmp_path, monkeypatch):
    monkeypatch.setattr("twinshop.lab.control.room.TICK_SECONDS", 0.02)
    for component in COMPONENTS:
        folder = package(tmp_path, component)
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text('"""\nA component.\n"""\n')
    return Room(shops, KINDS, 3.0, tmp_path)


@pytest.fixture
async def client(room):
    """A page of the room, with its token; the room runs."""
    app = create_app(room, SecretStr(TOKEN))
    transport = httpx.ASGITransport(app=app)
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400", headers=headers) as client,
    ):
        yield client
