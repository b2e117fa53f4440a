"""What is left of an environment of containers when the lab that knew it is gone."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from twinshop.lab.environments.docker.compose_file import compose
from twinshop.lab.environments.docker.engine import Engine
from twinshop.lab.environments.docker.parts import ContainerParts
from twinshop.lab.shapes import Shape


class ContainerRemains(ContainerParts):
    """
    Its containers run on: the engine supervises them.

    Args:
        shape: of the environment.
        root: the repository.
        folder: of the environment.
        project: its compose project.
        networks: by the id of each container, the names that it had in each network before anything was cut.
    """

    def __init__(
        self,
        shape: Shape,
        root: Path,
        folder: Path,
        project: str,
        networks: Mapping[str, Mapping[str, Sequence[str]]],
    ) -> None:
        super().__init__(shape, compose(shape, root), Engine(project))
        self._folder = folder
        present = {container.id: self._engine.networks(container.id) for container in self._engine.containers()}
        missing = {
            container: {name: names for name, names in before.items() if name not in present[container]}
            for container, before in networks.items()
            if container in present
        }
        self._cut = {container: names for container, names in missing.items() if names}

    @property
    def fault_folder(self) -> Path | None:
        return self._folder / "data" / "faults"
