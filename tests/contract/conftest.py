"""
One port, three ways to it: in process, behind its routes without a network (ASGI), and over real HTTP.

A test takes the port from its file's fixture and does not know which way it goes. What a caller sees, errors
included, must be the same on all of them: that is what lets a component leave the process.
"""

import asyncio
import secrets
import shutil
import socket
import sqlite3
import threading
from contextlib import asynccontextmanager, closing, contextmanager

import httpx
import pytest
import uvicorn

from twinshop.kit.app import create_app
from twinshop.kit.client import ClientSettings, Remote, connect
from twinshop.kit.connections import Connections
from twinshop.kit.settings import ServerSettings
from twinshop.testing.ports import free_port
from twinshop.testing.stores import PATIENCE, redis_server

PATIENT = ClientSettings(connect_seconds=60, timeout_seconds=60)
"""What is tested is what a caller is told, never how soon: a busy machine changes nothing."""


@pytest.fixture(scope="module", autouse=True)
def patient_components():
    """The limits of stores are a test of each component's own."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, seconds in PATIENCE.items():
            monkeypatch.setenv(name, seconds)
        yield


@pytest.fixture(scope="module")
def database(first_start, tmp_path_factory):
    """The file of a database for all tests of a file: a component is opened once for each way to its port."""
    return shutil.copy(first_start, tmp_path_factory.mktemp("contract") / "shop.sqlite")


@pytest.fixture
def restored(database, first_start):
    """Puts the database back to the first start when a test has ended."""
    yield
    with closing(sqlite3.connect(first_start)) as first, closing(sqlite3.connect(database)) as used:
        first.backup(used)


@pytest.fixture(scope="module", params=["in process", "asgi", "http"])
def transport(request):
    return request.param


class Unconnected(Connections):
    """Gives each request to an app."""

    def __init__(self, http):
        super().__init__(PATIENT.connect_seconds)
        self._http = http

    async def exchange(self, origin, request, timeout_seconds):
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, target, _ = first.split(" ")
        fields = [line.split(": ", 1) for line in lines]
        answer = await self._http.request(method, f"http://{origin.authority}{target}", headers=fields, content=body)
        return answer.status_code, answer.content


class Reach:
    """Opens a component and gives its port, through the transport and the HTTP client class of the port."""

    def __init__(self, transport):
        self._transport = transport
        self.app = None
        """That of the component opened last: for what is asked of a process, whatever way its port is called."""

    @asynccontextmanager
    async def __call__(self, component, client_class):
        app = self.app = create_app([component], ServerSettings(), title=component.name)
        if self._transport == "in process":
            async with app.router.lifespan_context(app):
                yield component.port
        elif self._transport == "asgi":
            async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
                yield client_class(Remote(component.name, "http://asgi", Unconnected(http), PATIENT))
        else:
            with _served(app) as url:
                async with connect(PATIENT) as http:
                    yield client_class(Remote(component.name, url, http, PATIENT))


@pytest.fixture(scope="module")
def reach(transport):
    return Reach(transport)


@contextmanager
def _served(app):
    """The app under uvicorn in a thread, with an event loop of its own, on a port from the system; its URL."""
    config = uvicorn.Config(app, http="httptools", lifespan="on", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # from now on connections wait for the server
        thread = threading.Thread(target=asyncio.run, args=[server.serve([listener])])
        thread.start()
        try:
            host, port = listener.getsockname()
            yield f"http://{host}:{port}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def refuses():
    """Expects an error of exactly this kind with exactly these facts."""

    @contextmanager
    def refusal(kind, **facts):
        with pytest.raises(kind) as caught:
            yield
        assert (type(caught.value), caught.value.facts) == (kind, facts)
        assert caught.value.detail

    return refusal


@pytest.fixture
def make_id():
    return lambda: secrets.token_urlsafe(16)


@pytest.fixture(scope="session")
def redis_url():
    """A real server; each test has carts of its own on it."""
    with redis_server() as url:
        yield url


@pytest.fixture
def dead_url():
    """Nobody listens there."""
    return f"redis://127.0.0.1:{free_port()}"
