"""
Scaling (`twinshop run scaling`): how much a shop carries, and what growing it brings.

- `design`, `case`: which cells are measured, and how thoroughly; one of them: its arm, mix and budget.
- `search`: the search for a capacity, a pure function of what a probe says.
- `objective`: whether a shop under steady load kept its objective.
- `trial`, `probing`: one trial; the probes of an environment.
- `analysis`, `cells`, `growth`: the arms against each other; the trials sorted; what more processors bring.
- `section`, `tables`, `plots`: its part of the report.
"""
