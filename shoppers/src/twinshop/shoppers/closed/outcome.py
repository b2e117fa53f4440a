"""
The result of a test as a business sees it: orders accepted and stored, and everything that was wrong.

Each process counts for itself in `tally`. When the test stops, the orders of every customer are compared (`order_log`);
with workers, the master then collects their counts, because it stops on its own and would not wait for them.
"""

import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

import gevent
from gevent.pool import Pool
from locust import events
from locust.env import Environment
from locust.runners import STATE_INIT, STATE_STOPPED, MasterRunner, WorkerRunner

LONG_ENOUGH_SECONDS = 10
"""A test that ran for so long and bought nothing has not tested the shop."""
COLLECTING_SECONDS = 60
"""How long the master waits for the counts of its workers."""
SHOWN = 20

log = logging.getLogger(__name__)
console = logging.getLogger("locust.stats_logger")


class Unsettled(Protocol):
    def settle(self) -> None: ...


@dataclass
class Tally:
    """`counts` by name; `wrong` in words, each with how often it was seen."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    def add(self, other: dict[str, dict[str, int]]) -> None:
        self.counts.update(other["counts"])
        self.wrong.update(other["wrong"])

    def as_message(self) -> dict[str, dict[str, int]]:
        return {"counts": dict(self.counts), "wrong": dict(self.wrong)}


tally = Tally()
unsettled: set[Unsettled] = set()
_reports: dict[str, dict[str, dict[str, int]]] = {}
_workers: set[str] = set()
_started: float | None = None


def count(what: str, number: int = 1) -> None:
    tally.counts[what] += number


def wrong(what: str) -> None:
    """The shop broke a promise: the test has failed."""
    tally.wrong[what] += 1
    log.error("wrong: %s", what)


@events.init.add_listener
def _listen(environment: Environment, **_: object) -> None:
    runner = environment.runner
    if isinstance(runner, MasterRunner):
        runner.register_message("twinshop-outcome", _collect)
    elif isinstance(runner, WorkerRunner):
        runner.register_message("twinshop-settle", _stop_and_settle)
    # Called in reverse order: before the worker's own listener, which says goodbye to the master.
    environment.events.quitting.add_listener(_quit)


@events.test_start.add_listener
def _start(environment: Environment, **_: object) -> None:
    global _started  # noqa: PLW0603 - a test has no object of its own in Locust
    _started = time.monotonic()
    tally.counts.clear()
    tally.wrong.clear()
    unsettled.clear()
    _reports.clear()
    _workers.clear()
    if isinstance(environment.runner, MasterRunner):
        _workers.update(environment.runner.clients)


@events.test_stop.add_listener
def _stop(environment: Environment, **_: object) -> None:
    """May be called twice: an impatient user, or a master and a signal that both stop a worker."""
    global _started  # noqa: PLW0603
    runner = environment.runner
    if isinstance(runner, MasterRunner):
        _gather(runner)
    else:
        # Those that could not settle when they stopped: killed while they did so, or died before.
        Pool(20).map(lambda log: log.settle(), list(unsettled))
    if isinstance(runner, WorkerRunner):
        runner.send_message("twinshop-outcome", tally.as_message())
    elif _started is not None:
        _conclude(environment, time.monotonic() - _started)
        _started = None


def _quit(environment: Environment, **_: object) -> None:
    """Interrupted: Locust would decide on the exit code first and stop the shoppers afterwards."""
    runner = environment.runner
    if runner is not None and runner.state not in {STATE_INIT, STATE_STOPPED}:
        runner.stop()


def _stop_and_settle(environment: Environment, **_: object) -> None:
    """On a worker: nothing to do if the master's own message to stop came first."""
    assert environment.runner is not None
    environment.runner.stop()


def _collect(msg: Any, **_: object) -> None:  # noqa: ANN401 - Locust's message
    _reports[msg.node_id] = msg.data


def _gather(master: MasterRunner) -> None:
    _workers.update(master.clients)
    master.send_message("twinshop-settle")
    deadline = time.monotonic() + COLLECTING_SECONDS
    # Who has left says nothing more; and this may run in the greenlet that takes the messages in.
    while (_workers & master.clients.keys()) - _reports.keys() and time.monotonic() < deadline:
        gevent.sleep(0.1)
    for report in _reports.values():
        tally.add(report)
    for _lost in _workers - _reports.keys():
        wrong("a worker did not report: its orders are unchecked")


def _conclude(environment: Environment, seconds: float) -> None:
    """Print the result, and fail the process if it is not good."""
    counts = tally.counts
    if counts["requests"] == 0:
        wrong("the shoppers asked for nothing")
    if counts["accepted"] != counts["stored"]:
        wrong("the shop has not stored the orders that it accepted, or others")
    buyers = any(getattr(user_class, "buys", False) for user_class in environment.user_classes)
    if buyers and seconds >= LONG_ENOUGH_SECONDS and not counts["accepted"]:
        wrong("nothing was bought" if counts["visits to buy"] else "no buyer came: take more users, or only Buyer")
    console.info("")
    console.info("orders accepted %d, orders stored %d", counts["accepted"], counts["stored"])
    others = ("declined", "out of stock", "sent again", "outcome found out", "unchecked", "pages degraded")
    console.info(", ".join(f"{what} {counts[what]}" for what in others))
    for what, times in tally.wrong.most_common(SHOWN):
        console.info("WRONG (%d times): %s", times, what)
    if tally.wrong:
        environment.process_exit_code = 1
