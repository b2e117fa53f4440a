"""
When this process reached which point of its start, as seconds since the epoch.

`began`: the first of our code was run; before it came the interpreter, whose start the metric
`process_start_time_seconds` gives. `imported`: all code is there. `initialised`: everything is open (schema, stores);
the port is bound next. Shown by `/metrics`, so that whoever starts a process can tell where its time went.
"""

from time import time

moments: dict[str, float] = {"began": time()}
"""Set as the process gets there; `began` by the import of this module, the first of the package."""


def reached(phase: str) -> None:
    """Note the moment; only the first time counts, since tests make several apps in one process."""
    moments.setdefault(phase, time())
