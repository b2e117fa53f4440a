"""The experiments there are, in the order of the report, by their names on the command line."""

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from twinshop.lab.errors import UsageError
from twinshop.lab.experiments.api import Experiment
from twinshop.lab.experiments.options import Options

PACKAGES: Mapping[str, str] = {
    "startup": "startup",
    "isolation": "isolation",
    "scaling": "scaling",
    "tax": "communication",
    "deploy": "deployment",
    "packaging": "packaging",
}
"""Each has the same modules: `experiment` (the whole), `design`, `trial`, `analysis`, `section`."""
NAMES = tuple(PACKAGES)

ON_A_CLUSTER = ("isolation",)
"""The others hold the shop on processors of this machine, or compare its clock with those of the shop's processes."""


def experiment(name: str) -> Experiment:
    """Imported only when it is wanted: SciPy and Matplotlib take a second."""
    if name not in NAMES:
        raise UsageError(f"unknown experiment '{name}': choose from {', '.join(NAMES)}")
    return cast("Experiment", import_module(f"twinshop.lab.experiments.{PACKAGES[name]}.experiment").EXPERIMENT)


def options_of(name: str) -> type[Options]:
    """Return what can be set of an experiment, without importing the experiment itself."""
    module = import_module(f"twinshop.lab.experiments.{PACKAGES[name]}.options")
    return cast("type[Options]", getattr(module, f"{PACKAGES[name].capitalize()}Options"))
