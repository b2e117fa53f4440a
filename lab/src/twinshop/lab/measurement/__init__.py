"""
What experiments measure with: shared by them, the torture campaign and the planner.

- `bench`: where a trial is run. `splits`: the ways to divide the shop. `versions`: which code answers.
- `steady_load`, `steady_load_result`: a shop under a constant rate of arrivals, and what was measured meanwhile.
- `energy`: joules of the processors, where the kernel tells.
- `steady_state`: what has to hold before a fault is injected; `health_probe`: a monitor's view; `load_clock`: its time.
- `timeline`: sessions offered and good, second by second. `affected_calls`: how many calls met a fault.
- `fault_trials`: faults read from records; `blast_radius`: by reasoning. `invariant_checks`: the shop's promises.
"""
