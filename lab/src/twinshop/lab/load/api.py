"""
Loads: `start_load(LoadPlan(...), folder)`, and `read_load(folder)` afterwards.

- `plan`: what a load is.
- `profiles`, `arrivals`: at which rate sessions arrive, and when each of them does.
- `generator`: the child process, Locust with `open/locustfile.py`.
- `record`, `result`: what it writes down, and how it is read.
- `live`: the seconds of a running load, for observers.
- `command`: `twinshop load`.
"""

from twinshop.lab.load.generator import RunningLoad, start_load
from twinshop.lab.load.plan import (
    BALANCED,
    JOURNEYS,
    LoadPlan,
    Phase,
    Second,
)
from twinshop.lab.load.result import LoadResult, read_load

__all__ = [
    "BALANCED",
    "JOURNEYS",
    "LoadPlan",
    "LoadResult",
    "Phase",
    "RunningLoad",
    "Second",
    "read_load",
    "start_load",
]
