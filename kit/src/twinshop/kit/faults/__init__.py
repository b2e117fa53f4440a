"""
Inject faults into a component: the same bug at the same point in every shape.

Off unless the environment has TWINSHOP_FAULT_TOKEN. Then each component's port is wrapped (`point`) before its routes
are made, so that calls within the process and calls over HTTP meet the same fault, and the process has routes to plant
and revert (`routes`). `models` are the kinds of faults, `active` and `background` what they do; `injector` begins and
ends them, `board` shares them between the workers of a server. All of them, with examples: docs/faults.md.

The parts are imported where they are needed: a process without faults does not pay for them when it starts.
"""

# ruff: noqa: PLC0415 - see above

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from fastapi import APIRouter

from twinshop.kit import problems
from twinshop.kit.clock import Clock
from twinshop.kit.component import Component
from twinshop.kit.faults.settings import FaultSettings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Port = TypeVar("Port")
Ports = TypeVar("Ports", bound="DataclassInstance")


def exposed(component: str, port: Port, clock: Clock | None = None) -> Port:
    """
    The port with an injection point round each of its operations; without a token the very same object.

    `clock` is the component's, if it has one: it can be made to go wrong too.
    """
    if FaultSettings().token is None:
        return port
    from twinshop.kit.faults.point import Exposed, Point

    return cast("Port", Exposed(Point(component, port, clock)))


def exposed_calls(component: str, ports: Ports, *names: str) -> Ports:
    """
    The same for a component that is never called: an injection point around each call that it makes.

    `names` are the members of `ports` that it calls. An operation has the name `member.operation`.
    """
    if FaultSettings().token is None:
        return ports
    from twinshop.kit.faults.point import Exposed, Point

    assert {each.name for each in fields(ports)} >= set(names)
    point = Point(component, ports)
    return replace(ports, **{name: Exposed(point, name) for name in names})


@dataclass(frozen=True, slots=True)
class Control:
    """
    What the app of a process with fault injection has in addition.

    Attributes:
        router: makes the routes that inject and revert faults, and those that read the books of the components.
        watching: keeps the time limits while the app runs.
        render: the app's renderer, but with problem documents for the router's own errors.
    """

    router: Callable[[], APIRouter]
    watching: Callable[[], AbstractContextManager[None]]
    render: problems.Renderer


def control(components: Sequence[Component[Any]], render: problems.Renderer) -> Control | None:
    """Return the control over the faults of these components; None without a token."""
    settings = FaultSettings()
    if settings.token is None:
        return None
    from twinshop.kit.faults import routes
    from twinshop.kit.faults.board import Board
    from twinshop.kit.faults.injector import Injector
    from twinshop.kit.faults.point import point_of

    points = [point for component in components if (point := point_of(component.port)) is not None]
    injector = Injector(points, Board(settings.folder))
    books = {component.name: component.books for component in components if component.books is not None}
    return Control(
        partial(routes.router, injector, settings.token, books), injector.watching, routes.for_programs(render)
    )


def share_between_workers() -> None:
    """Create the folder in which the workers that this process is about to start share their faults."""
    settings = FaultSettings()
    if settings.token is not None and settings.folder is None:
        folder = os.environ["TWINSHOP_FAULT_FOLDER"] = tempfile.mkdtemp(prefix="twinshop-faults-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
