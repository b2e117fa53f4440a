"""Why Redis is unavailable is in the log, without its password."""

import asyncio
import logging

import pytest

from twinshop.cart.settings import CartSettings
from twinshop.cart.store import RedisCartStore
from twinshop.contracts.errors import Unavailable

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.mark.integration
async def test_a_refused_password_is_told_once_without_the_password(caplog):
    caplog.set_level(logging.INFO)

    async def refuse(reader, writer):
        while await reader.read(1000):
            writer.write(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    store = RedisCartStore(
        CartSettings(redis_url=f"redis://:hunter2@127.0.0.1:{port}/0", timeout_seconds=60, operation_seconds=60)
    )
    for _ in range(3):
        with pytest.raises(Unavailable, match="does not answer"):
            await store.ping()
    await store.close()
    server.close()

    (record,) = [each for each in caplog.records if each.name == "twinshop.kit.store_state"]
    assert (record.component, record.store) == ("cart", "redis")
    assert "invalid username-password pair" in record.reason
    assert "hunter2" not in caplog.text
