"""Context of the request being served: its ID, and the calls that it made to components."""

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

REQUEST_ID_HEADER = "x-request-id"
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

request_id: ContextVar[str] = ContextVar("request_id", default="-")


@dataclass(frozen=True, slots=True)
class Hop:
    """One call to a component: `remote` tells whether it left the process; start and duration in milliseconds."""

    component: str
    operation: str
    remote: bool
    start: float
    duration: float
    ok: bool


started: ContextVar[float] = ContextVar("started", default=0.0)
"""When the request arrived, by `time.perf_counter`."""
hops: ContextVar[list[Hop] | None] = ContextVar("hops", default=None)


def accept_or_new_id(offered: str | None) -> str:
    """Return the ID that the caller sent if it is safe to log, otherwise a new one."""
    if offered is not None and _ACCEPTABLE_ID.fullmatch(offered):
        return offered
    return secrets.token_hex(8)
