"""Record the calls of a request, by a transparent wrapper around any port, in process or remote."""

from collections.abc import Awaitable, Callable
from functools import wraps
from time import perf_counter
from typing import Any, TypeVar, cast

from twinshop.contracts.errors import ShopError, Unavailable
from twinshop.kit import context, metrics, tracing

Port = TypeVar("Port")


class _Observed:
    """Stands in for a port; wraps each of its operations when it is first used."""

    def __init__(self, component: str, port: object, *, remote: bool) -> None:
        self._component = component
        self._port = port
        self._remote = remote

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - stands in for any port
        wrapped = self._wrap(operation, getattr(self._port, operation))
        setattr(self, operation, wrapped)  # found without this method the next time
        return wrapped

    def _wrap(self, operation: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        component, remote = self._component, self._remote
        where = "remote" if remote else "local"
        histogram = {
            outcome: metrics.calls.labels(component, operation, where, outcome)
            for outcome in ("ok", "refused", "failed")
        }

        if tracing.spans is not None:
            call = tracing.spans.around(component, operation, where, call)

        @wraps(call)
        async def observed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            start = perf_counter()
            outcome = "failed"
            try:
                answer = await call(*args, **kwargs)
                outcome = "ok"
            except Unavailable as error:
                if not error.is_of(component):
                    outcome = "refused"  # it answered, and said who else does not
                raise
            except ShopError:
                outcome = "refused"
                raise
            else:
                return answer
            finally:
                seconds = perf_counter() - start
                histogram[outcome].observe(seconds)
                if (hops := context.hops.get()) is not None:
                    hops.append(
                        context.Hop(component, operation, remote, start * 1e3, seconds * 1e3, outcome != "failed")
                    )

        return observed


def observed(component: str, port: Port, *, remote: bool) -> Port:
    """Return the port with each call timed, counted and recorded in `context.hops`."""
    return cast("Port", _Observed(component, port, remote=remote))
