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
