"""
The compose file of a shape: one of the repository's own for `mono` and `micro`, a generated one for any other grouping.

A generated file is made of the repository's fragments: a component alone in its process is the service of its fragment,
a group is the image of the monolith told what to host. Its stores are those that the local runtime would give it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twinshop.contracts.components import CALLED, WITH_REDIS
from twinshop.lab.environments.stores import databases as databases_of
from twinshop.lab.environments.variables import REDIS, SECRET, handed_on
from twinshop.lab.shapes import COMPONENTS, Process, Shape

EDGE = "edge"
PORT = 8000
"""Where every process listens, in a container of its own."""
PASSWORD = "${TWINSHOP_DB_PASSWORD:?set it in the environment, or start with make}"  # noqa: S105 - a reference
OWNER_PASSWORD = "${TWINSHOP_OWNER_PASSWORD:?set it in the environment, or start with make}"  # noqa: S105
SHOP_SECRET = "${TWINSHOP_SECRET:?set it in the environment, or start with make}"  # noqa: S105 - a reference


@dataclass(frozen=True, slots=True)
class Composition:
    """
    A shape in the words of Compose.

    Attributes:
        services: the service of each process, by the process's name in the shape.
        databases: the service that is the database of a component; of those that have one.
        file: in the repository; None if `document` is to be written to a file first.
        document: what the generated file says.
    """

    services: Mapping[str, str]
    databases: Mapping[str, str]
    file: Path | None = None
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def migrations(self) -> tuple[str, ...]:
        """The services that bring a database to this version's schema, and end."""
        return tuple(_migration(database) for database in dict.fromkeys(self.databases.values()))

    @property
    def stores(self) -> tuple[str, ...]:
        return (*dict.fromkeys(self.databases.values()), REDIS)

    def write(self, folder: Path) -> Path:
        """The compose file; a generated one is written to `folder`. JSON is YAML, too."""
        if self.file:
            return self.file
        file = folder / "compose.json"
        file.write_text(json.dumps(self.document, indent=1) + "\n", encoding="utf-8")
        return file


def compose(shape: Shape, root: Path) -> Composition:
    """The composition of a shape; `root` is the repository."""
    sizes = [len(process.components) for process in shape.processes]
    own = root / "compose" / f"{shape.name}.yaml"
    if sizes == [len(COMPONENTS)]:
        file = own if own.is_file() else root / "compose" / "mono.yaml"
        return Composition({shape.processes[0].name: "monolith"}, databases_of(shape), file)
    if max(sizes) == 1:
        file = own if own.is_file() else root / "compose" / "micro.yaml"
        return Composition({each.name: each.name for each in shape.processes}, databases_of(shape), file)
    return _generated(shape, root)


def literal(text: str) -> str:
    """The text as a compose file has to say it: Compose would replace what looks like a reference to a variable."""
    return text.replace("$", "$$")


def _migration(database: str) -> str:
    """The service that migrates a database: `catalog-migration` of `catalog-db`, `migration` of `database`."""
    return "migration" if database == "database" else f"{database.removesuffix('-db')}-migration"


def _generated(shape: Shape, root: Path) -> Composition:
    folder, databases = root / "compose", databases_of(shape)
    context, fragments = literal(str(root)), literal(str(folder))

    def extended(file: str, service: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of any service
        return {"extends": {"file": f"{fragments}/{file}", "service": service}, **more}

    services: dict[str, Any] = {REDIS: extended("cart.yaml", REDIS)}
    for component, service in databases.items():
        file, migration = "mono.yaml" if service == "database" else f"{component}.yaml", _migration(service)
        services |= {name: extended(file, name) for name in (service, migration)}
        services[migration]["depends_on"] = {service: {"condition": "service_healthy"}}
    for process in shape.processes:
        if len(process.components) == 1:
            services[process.name] = extended(f"{process.name}.yaml", process.name)
        else:
            build = {"context": context, "dockerfile": "monolith/Dockerfile"}
            services[process.name] = extended("common.yaml", "component", image="twinshop/monolith", build=build)
            needed = {REDIS: "service_healthy"} if set(WITH_REDIS) & set(process.components) else {}
            migrated = {_migration(databases[each]) for each in process.components if each in databases}
            needed |= dict.fromkeys(sorted(migrated), "service_completed_successfully")
            services[process.name]["depends_on"] = {name: {"condition": state} for name, state in needed.items()}
        services[process.name]["environment"] = _environment(shape, process, databases)
    door = {"environment": {"SHOP": shape.processes[0].name}, "ports": [f"127.0.0.1:${{TWINSHOP_PORT}}:{PORT}"]}
    services[EDGE] = extended("common.yaml", EDGE, **door)
    document = {"services": services, "volumes": {store: {} for store in (*databases.values(), REDIS)}}
    return Composition({each.name: each.name for each in shape.processes}, databases, None, document)


def _environment(shape: Shape, process: Process, databases: Mapping[str, str]) -> dict[str, str | None]:
    """As in the fragments; what a fragment says already is said again. None: handed on from the environment."""
    variables: dict[str, str | None] = {name: None for each in process.components for name in handed_on(each)}
    variables |= {"TWINSHOP_SHAPE": shape.name.partition("-")[0], "TWINSHOP_WORKERS": str(process.workers)}
    if len(process.components) > 1:
        variables["TWINSHOP_COMPONENTS"] = ",".join(process.components)
    for component in process.components:
        if component in databases:
            service = databases[component]
            name = "shop" if service == "database" else component
            variables[f"{component.upper()}_DATABASE_URL"] = f"postgresql://{component}@{service}/{name}"
            variables[f"{component.upper()}_DATABASE_PASSWORD"] = PASSWORD
    for component in set(WITH_REDIS) & set(process.components):
        variables[f"{component.upper()}_REDIS_URL"] = f"redis://{component}@{REDIS}:6379/0"
        variables[f"{component.upper()}_REDIS_PASSWORD"] = PASSWORD
    if "storefront" in process.components:
        variables[SECRET] = SHOP_SECRET
        away = {component: shape.host_of(component).name for component in CALLED if component not in process.components}
        variables |= {f"STOREFRONT_{name.upper()}_URL": f"http://{host}:{PORT}" for name, host in away.items()}
    return variables
