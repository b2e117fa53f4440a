"""
Failure isolation: the same fault planted into the same component of both shapes, and what each loses by it.

- `matrix`: faults and targets, and which journeys need what; `windows`, `settings`: for how long, at which load.
- `experiment`: which trials there are. `stint`: one site for as many faults as it survives. `one`: one fault.
- `health`, `probe`, `strikes`: whether a site is well, and whether a fault was at work.
- `course`, `figures`: what a fault did. `kept`: what is stored of it, and read again.
- `section`, `plots`, `tables`: its part of the report.
"""

from twinshop.lab.experiments.isolation.experiment import Isolation

EXPERIMENT = Isolation()

__all__ = ["EXPERIMENT", "Isolation"]
