"""
Failure isolation: the same fault injected into the same component of both shapes, and what each loses by it.

- `design`: faults and targets, and which journeys need what; `options`, `windows`: at which load, for how long.
- `experiment`: which trials there are. `trial`: one environment for as many faults as it survives. `fault_trial`: one.
- `figures`: what a fault did. `record`: what is stored of it, and read again.
- `analysis`, `groups`, `lost_sessions`: the claims; faults that have something in common; sessions as counts.
- `section`, `plots`, `tables`, `checks`: its part of the report.
"""
