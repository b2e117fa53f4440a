"""
Statistics of the lab, as pure functions: numbers in, values out.

- `compare`, `difference`: two arms, paired by block, with a 95 % interval and their A/A pair; `verdict` judges them.
- `evidence`: how strong a verdict is, and Holm's correction for several of them.
- `slope`: of a series over time.
- `intervals`: of one sample's mean or median. `shares`: of what was counted. `ecdf`: a distribution, with a band.
- `looks`: intervals that are looked at several times while a run grows.
- `lateness`: whether the load generator was on time for a comparison of latencies.
- `order`: whether figures drift within the blocks.
- `steady`: which part of a load was stationary, and which steps that test can find.
- `usl`: the Universal Scalability Law, and what of it the data identify.
- `failure`: which seconds are as they were before a fault; the mean over the journeys of a mix.

The unit of all intervals is the trial or the block, never the request: requests of one trial are correlated.

Distributions come from `scipy.special`. `scipy.stats` has them too, but takes a second to import; the few functions
that only it has are called as `scipy.stats.…`, which imports it at the first call.
"""

from twinshop.lab.statistics.compare import compare, difference
from twinshop.lab.statistics.ecdf import Ecdf, ecdf
from twinshop.lab.statistics.failure import Timeline, in_band, mix_weighted
from twinshop.lab.statistics.intervals import Interval, interval
from twinshop.lab.statistics.order import OrderEffect, order_effect
from twinshop.lab.statistics.shares import Share
from twinshop.lab.statistics.slope import slope
from twinshop.lab.statistics.steady import Steady, steady
from twinshop.lab.statistics.usl import Usl, fit_usl
from twinshop.lab.statistics.verdict import EQUIVALENCE, Comparison, Difference, Verdict

__all__ = [
    "EQUIVALENCE",
    "Comparison",
    "Difference",
    "Ecdf",
    "Interval",
    "OrderEffect",
    "Share",
    "Steady",
    "Timeline",
    "Usl",
    "Verdict",
    "compare",
    "difference",
    "ecdf",
    "fit_usl",
    "in_band",
    "interval",
    "mix_weighted",
    "order_effect",
    "slope",
    "steady",
]
