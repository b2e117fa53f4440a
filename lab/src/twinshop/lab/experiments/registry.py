"""The experiments there are, in the order of the report. Each is a module that defines `EXPERIMENT`."""

from importlib import import_module
from typing import cast

from twinshop.lab.deployment.api import DeploymentError
from twinshop.lab.experiments.api import Experiment

NAMES = ("startup", "isolation", "scaling", "tax", "deploy", "packaging")


def experiment(name: str) -> Experiment:
    """Imported only when it is wanted: SciPy and Matplotlib take a second."""
    if name not in NAMES:
        raise DeploymentError(f"`{name}` is no experiment: there are {', '.join(NAMES)}.")
    return cast("Experiment", import_module(f"twinshop.lab.experiments.{name}").EXPERIMENT)
