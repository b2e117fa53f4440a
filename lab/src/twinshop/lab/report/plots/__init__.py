"""
Plots that a section may use, from plain numbers; `Plot(name, caption, lambda: ecdf(…))` puts one into the report.

- `ecdf`: all values of each arm. `phases`: where the time went, stacked bars.
- `heat_map`: a number for each row and column, one panel for each arm.
- `timelines`: seconds along x, a fault shaded, the blocks as a band.
- `forest`: comparisons with their intervals.
- `capacity`: against resources, with intervals and fits. `hockey_stick`: latency against the offered rate.
- `frontier`: two costs of many things, and which of them no other beats.

Any other plot: make it with `twinshop.lab.report.style`.
"""

from twinshop.lab.report.plots.capacity import CapacityPoint, LatencyPoint, capacity, hockey_stick
from twinshop.lab.report.plots.comparisons import forest
from twinshop.lab.report.plots.distributions import ecdf, phases
from twinshop.lab.report.plots.frontier import FrontierPoint, frontier
from twinshop.lab.report.plots.matrix import heat_map
from twinshop.lab.report.plots.time import timelines

__all__ = [
    "CapacityPoint",
    "FrontierPoint",
    "LatencyPoint",
    "capacity",
    "ecdf",
    "forest",
    "frontier",
    "heat_map",
    "hockey_stick",
    "phases",
    "timelines",
]
