"""Starting before the database does."""

import asyncio
import time

import pytest

from twinshop.contracts.errors import Unavailable
from twinshop.kit.database import Database
from twinshop.kit.migrations import waiting
from twinshop.kit.migrations.waiting import until_it_answers

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.fixture
async def server():
    """
    Something on a port that speaks the first words of PostgreSQL's protocol: an error, whatever it is asked.

    `listen` opens the port, so that it can be opened late.
    """

    class Server:
        said = "FATAL", "28P01", 'password authentication failed for user "shop"'
        asked = 0
        listening = None

        async def answer(self, reader, writer):
            self.asked += 1
            await reader.read(1024)
            severity, code, words = self.said
            fields = b"".join(
                f"{kind}{text}\0".encode() for kind, text in zip("SCM", (severity, code, words), strict=True)
            )
            body = fields + b"\0"
            writer.write(b"E" + (len(body) + 4).to_bytes(4, "big") + body)
            await writer.drain()
            writer.close()

        async def listen(self, port=0):
            self.listening = await asyncio.start_server(self.answer, "127.0.0.1", port)
            return self.listening.sockets[0].getsockname()[1]

        async def close(self):
            self.listening.close()
            await self.listening.wait_closed()

    server = Server()
    yield server
    if server.listening is not None:
        await server.close()


@pytest.fixture
async def database(server):
    """At a port at which nobody listens, as long as `server` does not."""
    port = await server.listen()
    await server.close()
    database = Database("catalog", f"postgresql://shop:hunter2@127.0.0.1:{port}/shop?sslmode=disable")
    database.port = port
    yield database
    await database.dispose()


async def test_a_database_that_never_comes_is_waited_for_and_then_told(database, caplog):
    began = time.monotonic()
    with pytest.raises(Unavailable, match="database of the catalog component does not answer"):
        await until_it_answers(database, 0.6)

    assert time.monotonic() - began >= 0.6
    (told,) = [record for record in caplog.records if record.name == waiting.__name__]
    assert (told.component, told.seconds) == ("catalog", 0.6)
    assert "refused" in told.reason
    assert "hunter2" not in told.reason


async def test_a_server_that_refuses_the_password_is_not_asked_again(database, server):
    await server.listen(database.port)
    with pytest.raises(Unavailable) as refused:
        await until_it_answers(database, 30)

    assert "password authentication failed" in str(refused.value.__cause__)
    assert server.asked == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("57P03", "the database system is starting up"),
        ("53300", "sorry, too many clients already"),
        ("53300", "remaining connection slots are reserved for roles with the SUPERUSER attribute"),
    ],
)
async def test_a_server_that_will_let_us_in_later_is_asked_again(database, server, code, words):
    server.said = "FATAL", code, words
    await server.listen(database.port)
    with pytest.raises(Unavailable):
        await until_it_answers(database, 0.6)

    assert server.asked > 1


async def test_a_server_that_comes_late_is_met(database, server):
    """As soon as it answers: it refuses, which ends the waiting long before its time."""
    waited = asyncio.create_task(until_it_answers(database, 30))
    await asyncio.sleep(0.4)
    assert not waited.done()
    await server.listen(database.port)

    with pytest.raises(Unavailable) as refused:
        await asyncio.wait_for(waited, 20)
    assert "password authentication failed" in str(refused.value.__cause__)
