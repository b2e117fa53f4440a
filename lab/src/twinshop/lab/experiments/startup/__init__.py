"""
Startup: how long until the shop is there, and where the time goes.

- `design`: which starts are made: cold and warm, of both shapes, on each runtime.
- `moments`: one start, watched from outside: ready, first good page, first completed order, phases of each process.
- `section`: its part of the report.
"""

from twinshop.lab.experiments.startup.design import Startup

EXPERIMENT = Startup()

__all__ = ["EXPERIMENT", "Startup"]
