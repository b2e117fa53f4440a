"""All hazards there are, by name."""

from collections.abc import Mapping, Sequence

from twinshop.lab.errors import UsageError
from twinshop.lab.torture.api import Hazard
from twinshop.lab.torture.hazards import clients, clocks, processes, saga, stores, versions

ALL: Sequence[Hazard] = (
    *saga.HAZARDS,
    *processes.HAZARDS,
    *stores.HAZARDS,
    *clocks.HAZARDS,
    *clients.HAZARDS,
    *versions.HAZARDS,
)
HAZARDS: Mapping[str, Hazard] = {hazard.name: hazard for hazard in ALL}


def chosen(names: Sequence[str]) -> list[Hazard]:
    """
    Those meant, in the order of the catalogue; all of them without any.

    A name stands for all that begin with it: `kill-before` for seven. Raises LabError.
    """
    for name in names:
        if not any(each.startswith(name) for each in HAZARDS):
            raise UsageError(f"unknown hazard '{name}': `twinshop torture --list` lists all of them")
    return [hazard for hazard in ALL if not names or hazard.name.startswith(tuple(names))]
