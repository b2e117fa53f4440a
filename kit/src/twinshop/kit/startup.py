"""
When this process reached which point of its start, as seconds since the epoch.

`created`: the kernel made the process (in steps of 10 ms; Linux only). `began`: the first of our code was run, the
interpreter is up. `imported`: all code is there. `initialised`: everything is open (schema, stores); the port is bound
next. Shown by `/metrics`, so that an operator can see where the time went.
"""

import os
import time
from pathlib import Path


def _created() -> float | None:
    """
    From the kernel's own clock.

    What the metric `process_start_time_seconds` and psutil make of it is off by up to a second: they add it to the
    time of boot, which the kernel tells in whole seconds.
    """
    try:
        fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError, IndexError):
        return None
    return time.time() - age


moments: dict[str, float] = {"began": time.time()}
"""Set as the process gets there; the first by the import of this module, which the package imports first of all."""
if (_known := _created()) is not None:
    moments = {"created": _known, **moments}


def reached(point: str) -> None:
    """Note the moment; only the first time counts, since tests make several apps in one process."""
    moments.setdefault(point, time.time())
