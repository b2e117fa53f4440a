"""The injection point: a wrapper around a component's port, on the component's own side, or around what it calls."""

from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

from twinshop.kit.clock import Clock
from twinshop.kit.faults.active import Active


class Point:
    """
    The injection point of one component; `active` are its active faults, replaced as a whole.

    `port` may be made of several ports: its operations are then named with theirs, as `payments.charge`.
    """

    def __init__(self, component: str, port: object, clock: Clock | None = None) -> None:
        self.component = component
        self.port = port
        self.active: tuple[Active, ...] = ()
        self.has_clock = clock is not None
        if clock is not None:
            clock.follow(self._skew)

    def has(self, operation: str) -> bool:
        found: object = self.port
        for name in operation.split("."):
            found = None if name.startswith("_") else getattr(found, name, None)
        return callable(found)

    def _skew(self) -> timedelta:
        return sum((fault.skew for fault in self.active), timedelta())


class Exposed:
    """
    Stands in for a port: a call that comes in process and one that comes over HTTP both go through here.

    Args:
        point: where faults act.
        member: of the point's port; empty: that port itself.
    """

    def __init__(self, point: Point, member: str = "") -> None:
        self._point = point
        self._port = getattr(point.port, member) if member else point.port
        self._prefix = f"{member}." if member else ""

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - stands in for any port
        wrapped = self._wrap(f"{self._prefix}{operation}", getattr(self._port, operation))
        setattr(self, operation, wrapped)  # found without this method the next time
        return wrapped

    def _wrap(self, operation: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        point = self._point

        @wraps(call)
        async def faulty(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            for fault in point.active:
                await fault.apply(operation)
            answer = await call(*args, **kwargs)
            for fault in point.active:
                answer = fault.apply_after(operation, answer)
            return answer

        return faulty


def point_of(port: object) -> Point | None:
    """Return the injection point of the port of a component, or of the ports that it consists of, if there is one."""
    parts = [getattr(port, each.name) for each in fields(port)] if is_dataclass(port) else [port]
    return next((part._point for part in parts if isinstance(part, Exposed)), None)  # noqa: SLF001 - the other half
