"""
The capacity planner, `twinshop plan`: plan for a load that was not measured, from one that was.

- `points`: what the trials of `scaling` tell of one shape. `demand`, `latency`: the two laws that are fitted to it.
- `queueing`: Erlang's C and the approximation of Allen and Cunneen.
- `model`: a shape's laws with resamples of them. `sizing`: the plan for a load.
- `checking`: measured points predicted from the others, and how far that was off.
- `units`, `tables`, `command`: the command line.
"""
