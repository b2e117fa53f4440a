"""
The experiment `scaling`: how much a shop carries, and what growing it brings.

- `plan`: arms, budgets, mixes: which cells are measured.
- `search`: the search for a capacity, a pure function of what a probe says.
- `objective`: whether a shop held at a rate kept its objective.
- `probing`, `run`: the probes of a site; one trial.
- `cells`: the trials sorted for the report.
"""
