"""An environment of any runtime, for the length of a block."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinshop.lab.environments.docker import docker
from twinshop.lab.environments.local.environment import LocalEnvironment
from twinshop.lab.environments.protocol import Environment, EnvironmentOptions, Runtime
from twinshop.lab.environments.shield import ended_in_order_by_sigterm, shielded
from twinshop.lab.environments.watchdog import Watchdog
from twinshop.lab.errors import ProvisionError
from twinshop.lab.shapes import Shape


@contextmanager
def open_environment(
    shape: Shape, runtime: Runtime, root: Path, folder: Path, options: EnvironmentOptions
) -> Iterator[Environment]:
    """
    Open an environment that is removed at the end of the block, whatever happens.

    Args:
        shape: names it; its ports are ignored, an environment takes free ones.
        runtime: what carries it.
        root: the repository.
        folder: for its data and logs; the logs stay when it is removed.
        options: how it is set up.
    """
    with open_watched(shape, runtime, root, folder, options) as (environment, _):
        yield environment


@contextmanager
def open_watched(
    shape: Shape, runtime: Runtime, root: Path, folder: Path, options: EnvironmentOptions, *, stays: float | None = None
) -> Iterator[tuple[Environment, Watchdog]]:
    """The same with the environment's watchdog, which explains `stays`."""
    environment: Environment
    project = namespace = None
    if runtime == "local":
        environment = LocalEnvironment(shape, folder, options)
    elif runtime == "cluster":
        from twinshop.lab.environments.kubernetes.access import Access  # noqa: PLC0415 - as below
        from twinshop.lab.environments.kubernetes.environment import KubernetesEnvironment, new_namespace  # noqa: PLC0415

        namespace = new_namespace()
        environment = KubernetesEnvironment(shape, root, folder, options, Access.of(os.environ), namespace)
    else:
        if why_not := docker.unusable():
            raise ProvisionError(f"Docker cannot be used: {why_not}.")
        from twinshop.lab.environments.docker.environment import DockerEnvironment  # noqa: PLC0415 - the engine's client takes a while to import

        environment = DockerEnvironment(shape, root, folder, options)
        project = environment.project
    with ended_in_order_by_sigterm(), Watchdog(environment.folder, project, namespace, stays) as watchdog:
        try:
            yield environment, watchdog
        finally:
            with shielded():
                environment.remove()
                watchdog.dismiss()
