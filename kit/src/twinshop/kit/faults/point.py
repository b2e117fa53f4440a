"""Where faults strike: a wrapper round a component's port, on the component's own side."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from twinshop.kit.faults.active import Active


class Point:
    """The injection point of one component; `active` are the faults at work there, replaced as a whole."""

    def __init__(self, component: str, port: object) -> None:
        self.component = component
        self.port = port
        self.active: tuple[Active, ...] = ()

    def has(self, operation: str) -> bool:
        return not operation.startswith("_") and callable(getattr(self.port, operation, None))


class Exposed:
    """Stands in for a port: a call that comes in process and one that comes over HTTP both go through here."""

    def __init__(self, point: Point) -> None:
        self._point = point

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - stands in for any port
        wrapped = self._wrap(operation, getattr(self._point.port, operation))
        setattr(self, operation, wrapped)  # found without this method the next time
        return wrapped

    def _wrap(self, operation: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        point = self._point

        @wraps(call)
        async def struck(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            for fault in point.active:
                await fault.strike(operation)
            return await call(*args, **kwargs)

        return struck


def point_of(port: object) -> Point | None:
    """The injection point of a component's port, if it has one."""
    return port._point if isinstance(port, Exposed) else None  # noqa: SLF001 - the other half of the class
