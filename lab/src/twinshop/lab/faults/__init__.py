"""
The faults: what is done to a component, the same in every shape, and how it is undone.

- `api`: `Fault`, a fault definition: inject, revert, chart colour; `FaultSpec`, its intensity and duration.
- `catalogue`: `FAULTS`, all there are, by name.
- `parts`: what is done to whole processes and stores, by the environment; `bugs`: what is injected into the code,
  through the `routes` of the processes.
"""

from twinshop.lab.faults.api import Fault, FaultSpec
from twinshop.lab.faults.catalogue import FAULTS, known

__all__ = ["FAULTS", "Fault", "FaultSpec", "known"]
