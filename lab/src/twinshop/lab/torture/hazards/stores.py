"""Databases and Redis: restarted, killed, and out of room on their disk."""

import random
import time
from collections.abc import Sequence

from twinshop.contracts.components import WITH_DATABASE, WITH_REDIS
from twinshop.lab.environments.protocol import Environment, Runtime, Store
from twinshop.lab.environments.shield import shielded
from twinshop.lab.torture.api import BOTH, CONTAINERS, Hazard, Scene, Step
from twinshop.lab.torture.hazards.watching import within

NO_SERVER = "the database is SQLite, a library in the process that uses it."
NO_DISK = "the stores have no disk of their own that could be filled."
SIGNS = ("No space left on device", "Short write while writing to the AOF file")
"""What PostgreSQL and Redis write into their logs when a page is missing."""
NEEDED_SECONDS = 40.0
"""How long it may take until a store needs a page more than it has: a cart's change takes some hundred bytes."""
OWNERS = {"database": WITH_DATABASE, "redis": WITH_REDIS}


def _part(scene: Scene, step: Step, store: Store) -> str:
    owner = random.Random(step.seed).choice(OWNERS[store])  # noqa: S311 - must be repeatable
    return scene.environment.stores(owner, store)


def _restarted(store: Store) -> Hazard:
    def run(scene: Scene, step: Step) -> str | None:
        part = _part(scene, step, store)
        since = time.monotonic()
        scene.environment.restart(part)
        return f"{part}: stopped and started within {time.monotonic() - since:.1f} s"

    return Hazard(
        name=f"{store}-restart",
        does=f"The {store} is stopped and started again.",
        recovery="It recovers from its disk when it starts.",
        keeps="All that was acknowledged.",
        run=run,
        runtimes=_runtimes(store),
        why=NO_SERVER,
    )


def _killed(store: Store) -> Hazard:
    def run(scene: Scene, step: Step) -> str | None:
        part = _part(scene, step, store)
        try:
            scene.environment.kill(part)
            time.sleep(step.seconds)
        finally:
            with shielded():
                scene.environment.revive(part)
        return f"{part}: down for {step.seconds:g} s"

    return Hazard(
        name=f"{store}-kill",
        does=f"The {store} is killed (SIGKILL) and stays down for a while.",
        recovery="It is started again and recovers from its log.",
        keeps="All that was acknowledged: it was written before the answer.",
        run=run,
        runtimes=_runtimes(store),
        why=NO_SERVER,
    )


def _full(store: Store) -> Hazard:
    def run(scene: Scene, step: Step) -> str | None:
        environment, part = scene.environment, _part(scene, step, store)
        before = _signs(environment, part)
        try:
            environment.fill(part)
            refused = within(NEEDED_SECONDS, lambda: _signs(environment, part) > before)
            time.sleep(step.seconds)
        finally:
            with shielded():
                environment.unfill(part)
                environment.revive(part)  # PostgreSQL ends itself when it cannot write its log
        return f"{part}: no space left, says its log" if refused else None

    return Hazard(
        name=f"disk-full-{store}",
        does=f"The disk of the {store} is filled to its last byte.",
        recovery="The filler is removed; a store that has exited is started.",
        keeps="All that was acknowledged; what could not be written was refused.",
        run=run,
        runtimes=CONTAINERS,
        why=NO_DISK,
    )


def _signs(environment: Environment, part: str) -> int:
    log = environment.logs(part)
    return sum(log.count(sign) for sign in SIGNS)


def _runtimes(store: Store) -> tuple[Runtime, ...]:
    return CONTAINERS if store == "database" else BOTH


HAZARDS: Sequence[Hazard] = (
    _restarted("database"),
    _killed("database"),
    _restarted("redis"),
    _killed("redis"),
    _full("database"),
    _full("redis"),
)
