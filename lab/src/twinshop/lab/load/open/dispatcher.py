"""
Lets sessions in when they are due, whatever the shop does.

One greenlet walks the arrivals and starts a greenlet for each. While `max_in_flight` of them are at it, an arrival is
dropped, and counted: beyond that an open generator would measure its own queue.
"""

import gc
import itertools
import time
from collections.abc import Callable
from pathlib import Path

import gevent

from twinshop.lab.load.arrivals import arrivals
from twinshop.lab.load.live import Live
from twinshop.lab.load.open.alarm import Alarm
from twinshop.lab.load.open.connections import Connections
from twinshop.lab.load.open.goods import read_goods
from twinshop.lab.load.open.journeys import JOURNEYS as RUN
from twinshop.lab.load.open.processor import pin, real_time, waited
from twinshop.lab.load.open.session import Over, Session
from twinshop.lab.load.plan import JOURNEYS, LoadPlan
from twinshop.lab.load.record import DEGRADED, DROPPED, FAULT, GOOD, Recorder

LEAD_SECONDS = 0.2
"""From the end of the preparations to the beginning of the load."""


class Dispatcher:
    """One load, from the reading of the shop's products to the last session's end. Implements `session.Load`."""

    def __init__(self, plan: LoadPlan) -> None:
        self.plan = plan
        self.think_seconds = plan.think_seconds
        self.recorder = Recorder(arrivals(plan))
        self.connections = Connections(plan.url, plan.max_in_flight, plan.timeout_seconds)
        self.goods = read_goods(self.connections)
        self.on_offer = self.goods["en"].on_offer
        self.alarm = Alarm()
        self.started = self.started_at = 0.0
        self.scheduling = ""
        self._alone = pin(plan.cores)
        self._running: set[gevent.Greenlet] = set()

    def run(self, began: Callable[[float, float], None], folder: Path) -> None:
        """Let everybody in, then wait for them; `began` is told the beginning by `time.time` and `time.monotonic`."""
        gc.collect()
        gc.freeze()  # what is there by now stays: it need not be looked through again during the load
        self.started = time.monotonic() + LEAD_SECONDS
        self.started_at = time.time() + LEAD_SECONDS
        began(self.started_at, self.started)
        meter = gevent.spawn(self._meter, Live(self.recorder, folder, self.started_at) if self.plan.live else None)
        try:
            with real_time(wanted=self._alone) as self.scheduling:
                self._let_in()
                self.alarm.sleep_until(self.started + self.plan.seconds)
                gevent.joinall(list(self._running), timeout=self.plan.drain_seconds)
        finally:
            meter.kill()
            gevent.killall(list(self._running))
            self.connections.close()
            self.alarm.close()

    def _let_in(self) -> None:
        known = self.recorder.arrivals
        for number, (due, journey) in enumerate(zip(known.due, known.journey, strict=True)):
            self.alarm.sleep_until(self.started + due)
            if len(self._running) >= self.plan.max_in_flight:
                self.recorder.ended(number, DROPPED)
                continue
            session = gevent.spawn(self._visit, number, JOURNEYS[journey], self.started + due)
            self._running.add(session)
            session.rawlink(self._running.discard)

    def _visit(self, number: int, journey: str, due: float) -> None:
        session = Session(self, number, journey, due)
        try:
            RUN[journey](session)
        except Over as over:
            self.recorder.ended(number, str(over))
        except Exception:
            self.recorder.ended(number, FAULT)
            raise
        else:
            self.recorder.ended(number, DEGRADED if session.degraded else GOOD)

    def _meter(self, live: Live | None) -> None:
        """Once a second: CPU time of this process, its wait for its processor, and the second for observers."""
        self.alarm.sleep_until(self.started)
        begin, used_before, waited_before = time.monotonic(), time.process_time(), waited()
        for second in itertools.count(1):
            passed, used, late = time.monotonic() - begin, time.process_time() - used_before, waited() - waited_before
            self.recorder.cpu.append((round(passed, 4), round(used, 4), round(late, 4)))
            if live is not None:
                live.tell()
            self.alarm.sleep_until(begin + second)
