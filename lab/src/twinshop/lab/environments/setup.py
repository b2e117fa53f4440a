"""What the processes of any environment get: the stocked catalogue, secrets, the variables that the options add."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.environments.variables import DECIDED_HERE, SECRET
from twinshop.lab.errors import UsageError
from twinshop.lab.shapes import COMPONENTS, Shape

CATALOGUE = "CATALOG_DATA"
FAULT_TOKEN = "TWINSHOP_FAULT_TOKEN"  # noqa: S105 - the name, not the token
FAULT_FOLDER = "TWINSHOP_FAULT_FOLDER"
OURS = ("TWINSHOP_", *(f"{component.upper()}_" for component in COMPONENTS))
"""What the variables of the shop's own settings begin with."""


def stocked(folder: Path, pieces: int) -> Path:
    """Write the catalogue with this stock of every product to a file in `folder`, and return its path."""
    data = json.loads(Path(str(files("twinshop.catalog") / "data" / "catalogue.json")).read_text(encoding="utf-8"))
    for product in data["products"]:
        product["stock"] = pieces
    path = folder / "catalogue.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    path.chmod(0o644)  # whatever the umask: mounted into containers, where it is read by another user
    return path


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's variables without any of the shop's, which would be hidden factors."""
    return {name: value for name, value in environment.items() if not name.startswith(OURS)}


def new_token() -> str:
    return secrets.token_urlsafe(24)


def with_workers(shape: Shape, options: EnvironmentOptions) -> Shape:
    """The shape with the workers that the options give its processes."""
    given = options.workers
    return replace(
        shape, processes=tuple(replace(each, workers=given.get(each.name, each.workers)) for each in shape.processes)
    )


def check(options: EnvironmentOptions, names: Iterable[str]) -> None:
    """
    Refuse options that could not take effect.

    Args:
        options: of the environment.
        names: of the shape's processes.

    Raises:
        LabError: it says which option, and what would do.
    """
    known = list(names)
    for option in ("replicas", "workers"):
        counts: Mapping[str, int] = getattr(options, option)
        if strange := sorted(counts.keys() - set(known)):
            raise UsageError(f"{option}: the shape has no process `{strange[0]}`; it has {', '.join(known)}.")
        if few := [name for name, count in counts.items() if count < 1]:
            raise UsageError(f"{option}: {few[0]} needs at least one.")
    if decided := sorted(options.environment.keys() & (DECIDED_HERE | {CATALOGUE, FAULT_TOKEN, FAULT_FOLDER, SECRET})):
        raise UsageError(f"environment: {decided[0]} is set by the environment itself.")
    if options.stock < 1:
        raise UsageError("invalid stock: it must be above 0.")
