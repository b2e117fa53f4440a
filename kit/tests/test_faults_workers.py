"""Several workers behind one port share their faults."""

from contextlib import suppress

import httpx
import psutil
import pytest

from twinshop.testing.waiting import wait_until

pytestmark = pytest.mark.integration


class Workers:
    """The workers of a server."""

    def __init__(self, server):
        self.server = server

    def pids(self):
        found = set()
        for child in self.server.process.children():
            with suppress(psutil.Error):  # it ended just now
                if "spawn_main" in " ".join(child.cmdline()):
                    found.add(child.pid)
        return found

    def answers(self):
        """The status of a call at each worker, by its process: it alone can answer while the others are stopped."""
        found = {}
        for pid in self.pids():
            others = [psutil.Process(other) for other in self.pids() - {pid}]
            for other in others:
                other.suspend()
            try:
                with self.server.client() as client:
                    assert client.get("/probe/pid").json() == pid
                    found[pid] = client.get("/probe/double", params={"number": 1}).status_code
            finally:
                for other in others:
                    other.resume()
        return found

    def drops_a_call(self):
        """Whether a call ends without an answer."""
        with self.server.client() as client:
            try:
                client.get("/probe/double", params={"number": 1})
            except httpx.TransportError:
                return True
        return False

    def newcomer(self, before):
        """
        The worker that the server has started in place of one that died, when it serves.

        Until then the others must not be stopped: uvicorn replaces a worker that does not answer for 5 s.
        """
        return wait_until(lambda: next(iter({self.pid()} - before), None))

    def pid(self):
        """The process that takes a new connection."""
        with self.server.client() as client:
            return client.get("/probe/pid").json()


@pytest.fixture(scope="module")
def shared_workers(start):
    with start(TWINSHOP_WORKERS="2") as server:
        yield Workers(server)


@pytest.fixture
def workers(shared_workers):
    """Two that every test leaves healthy."""
    serving = set()
    wait_until(lambda: serving.add(shared_workers.pid()) or len(serving & shared_workers.pids()) == 2)
    yield shared_workers
    assert shared_workers.server.revert().status_code == 204


def test_all_workers_of_a_server_have_the_fault_and_all_are_reverted(workers):
    assert set(workers.answers().values()) == {200}

    workers.server.inject("errors")
    assert set(workers.answers().values()) == {503}

    workers.server.revert()
    assert set(workers.answers().values()) == {200}


def test_a_worker_that_is_started_again_is_healthy(workers):
    before = workers.pids()
    victim, survivor = before
    workers.server.inject("errors")
    psutil.Process(victim).kill()
    newcomer = workers.newcomer(before)

    assert workers.answers() == {survivor: 503, newcomer: 200}


def test_a_fault_that_persists_affects_the_worker_that_is_started_again(workers):
    before = workers.pids()
    workers.server.inject("errors", persist=True)
    psutil.Process(min(before)).kill()
    workers.newcomer(before)

    assert set(workers.answers().values()) == {503}


def test_a_crash_takes_one_worker_and_the_server_stays(workers):
    before = workers.pids()
    workers.server.inject("crash")
    wait_until(workers.drops_a_call)  # the sibling of the one that was told may take a moment to follow
    workers.newcomer(before)

    assert len(workers.pids() & before) == 1
    assert workers.server.handle.poll() is None
