"""What a process hosts: a component, ready to be put behind HTTP, beside others, or both."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Generic, TypeVar

from fastapi import APIRouter

from twinshop.contracts.values import Value

Port = TypeVar("Port", covariant=True)  # noqa: PLC0105 - the field is named for what it is


@dataclass(frozen=True, slots=True)
class Component(Generic[Port]):
    """
    One component of the shop.

    Attributes:
        name: such as `catalog`.
        port: its service, to be called within the process.
        router: makes the same over HTTP; called only in a process that serves the component.
        running: opens what it needs (connections, schema, background work) and closes it.
        ready: raises when its *own* dependencies do not answer; never asks another component.
        books: what it has stored, entry by entry, as a value; served only if fault injection is enabled (`kit.faults`),
            to check afterwards that nothing was lost.
    """

    name: str
    port: Port
    router: Callable[[], APIRouter]
    running: Callable[[], AbstractAsyncContextManager[None]]
    ready: Callable[[], Awaitable[None]]
    books: Callable[[], Awaitable[Value]] | None = None
