"""Inject and revert faults. A separate thread keeps the time limits, so a busy event loop cannot delay them."""

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

from twinshop.contracts.errors import Invalid, NotFound
from twinshop.kit.faults.active import Active
from twinshop.kit.faults.board import Board
from twinshop.kit.faults.models import CallFault, Fault, Injection, Skew
from twinshop.kit.faults.point import Point

TICK_SECONDS = 0.05
"""Seconds after which a process checks the time and the faults of its siblings."""

log = logging.getLogger(__name__)


class Injector:
    """The faults of the components that this process hosts."""

    def __init__(self, points: Sequence[Point], board: Board) -> None:
        self._points = {point.component: point for point in points}
        self._board = board
        self._active: dict[str, Active] = {}
        self._over: set[str] = set()
        self._lock = Lock()

    @property
    def hosted(self) -> list[str]:
        return sorted(self._points)

    @property
    def settling_seconds(self) -> float:
        """Return the seconds that sibling processes may need to follow."""
        return 2 * TICK_SECONDS if self._board.is_shared else 0

    def inject(self, fault: Fault) -> Injection:
        """
        Inject a fault, now or later. It replaces one of the same kind in the same component.

        Raises NotFound (the component is not hosted here), Invalid (no such operation, no clock, nowhere to persist).
        """
        point = self._point(fault.component)
        unknown = [each for each in fault.operations if not point.has(each)] if isinstance(fault, CallFault) else []
        if unknown:
            raise Invalid(f"The {fault.component} component has no operation {', '.join(unknown)}.")
        if isinstance(fault, Skew) and not point.has_clock:
            raise Invalid(f"The {fault.component} component has no clock.")
        if fault.persist and not self._board.is_shared:
            raise Invalid("A fault can persist only where TWINSHOP_FAULT_FOLDER is set.")
        now = datetime.now(UTC)
        begin = now + timedelta(seconds=fault.after_seconds)
        end = begin + timedelta(seconds=fault.seconds)
        injection = Injection(id=secrets.token_hex(4), fault=fault, injected_at=now, begins_at=begin, ends_at=end)
        self._board.add(injection)
        self.tick()
        return injection

    def revert(self, component: str) -> None:
        """Revert all faults of a component; there may be none. Raises NotFound (it is not hosted here)."""
        self._point(component)
        self._board.remove(component)
        self.tick()

    def injections(self) -> list[Injection]:
        """Return the faults that are active in this process, or about to be."""
        self.tick()
        return [active.injection for active in self._active.values()]

    def tick(self) -> None:
        """Start the faults that were injected, and end those that were reverted or have expired."""
        with self._lock:
            wanted = {each.id: each for each in self._board.mine() if each.fault.component in self._points}
            self._over &= wanted.keys()
            for id_, active in list(self._active.items()):
                if id_ not in wanted or active.is_over:
                    self._end(id_)
            for id_, injection in wanted.items():
                if id_ not in self._active and id_ not in self._over:
                    self._begin(injection)
            for active in self._active.values():
                active.go_on()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Enforce the time limits of the faults for as long as the process serves."""
        stopped = Event()

        def watch() -> None:
            while not stopped.wait(TICK_SECONDS):
                try:
                    self.tick()
                except Exception:
                    log.exception("checking the faults failed")  # goes on, because it enforces their time limits

        self.tick()  # a persistent fault affects the very first call
        thread = Thread(target=watch, name="faults", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()
            with self._lock:
                for id_ in list(self._active):
                    self._end(id_)

    def _point(self, component: str) -> Point:
        point = self._points.get(component)
        if point is None:
            raise NotFound(f"This process does not host the port of {component}.", hosted=[*self.hosted])
        return point

    def _begin(self, injection: Injection) -> None:
        self._active[injection.id] = Active(injection)
        self._expose(injection.fault.component)
        log.warning("fault injected", extra={"fault": injection.fault.model_dump(mode="json")})

    def _end(self, id_: str) -> None:
        active = self._active.pop(id_)
        self._over.add(id_)
        self._expose(active.fault.component)
        active.end()
        log.warning("fault over", extra={"component": active.fault.component, "kind": active.fault.kind})

    def _expose(self, component: str) -> None:
        self._points[component].active = tuple(
            active for active in self._active.values() if active.fault.component == component
        )
