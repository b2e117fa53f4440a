"""What a page says of how it was made: the calls to components, from its `Server-Timing` header."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a page waited for; milliseconds, `start` after the request."""

    component: str
    operation: str
    start: float
    duration: float


@dataclass(frozen=True, slots=True)
class Timing:
    total: float
    calls: tuple[Call, ...]


def parsed(header: str) -> Timing:
    """What can be understood of the header; what cannot is left out, since this is only shown."""
    calls, total = [], 0.0
    for metric in header.split(","):
        name, *parameters = (part.strip() for part in metric.split(";"))
        values = dict(part.partition("=")[::2] for part in parameters)
        try:
            duration = float(values["dur"])
            if name == "total":
                total = duration
            else:
                calls.append(Call(name, values.get("desc", ""), float(values.get("start", 0)), duration))
        except (KeyError, ValueError):
            continue
    return Timing(total, tuple(calls))
