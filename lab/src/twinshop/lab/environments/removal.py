"""The removal of an environment by its names alone, when the object that knew it is gone."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from twinshop.lab.environments.docker import budget
from twinshop.lab.environments.docker.project import Project
from twinshop.lab.environments.local import strays


def remove(folder: Path, project: str | None, namespace: str | None = None) -> None:
    """Everything but the logs in `folder`; safe at any time, also twice."""
    with ExitStack() as each_whatever_happens:  # the last one first
        each_whatever_happens.callback(shutil.rmtree, folder / "data", ignore_errors=True)
        if namespace is not None:
            # imported only here: the watchdog of another environment needs none of it
            from twinshop.lab.environments.kubernetes.access import Access  # noqa: PLC0415
            from twinshop.lab.environments.kubernetes.kubectl import Kubectl  # noqa: PLC0415

            each_whatever_happens.callback(Kubectl(Access.of(os.environ), namespace).delete_namespace)
        elif project is None:
            each_whatever_happens.callback(lambda: strays.end(strays.strays(folder)))
        else:
            each_whatever_happens.callback(budget.remove_named, project)
            each_whatever_happens.callback(Project(project, Path("/"), folder / "logs", os.environ).remove)
