"""A campaign on one shape: an environment under load, the hazards in turn, and the checks at the end."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import Environment, EnvironmentOptions, Runtime
from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.invariants import Attempt, CartSeen, Checked, attempts_of, check_environment
from twinshop.lab.invariants.books import read_payment
from twinshop.lab.invariants.checking import PATIENT_CHECKOUT
from twinshop.lab.invariants.verdict import together
from twinshop.lab.invariants.witness import CartWitness
from twinshop.lab.load.api import LoadPlan, Phase, read_load, start_load
from twinshop.lab.load.checkouts import read_checkouts
from twinshop.lab.load.products import read_products
from twinshop.lab.measurement.load_clock import LoadClock
from twinshop.lab.shapes import Shape
from twinshop.lab.torture.api import Hazard, Scene, Step
from twinshop.lab.torture.crowd import Crowd
from twinshop.lab.torture.hazards.versions import NAME as MIXED_VERSIONS
from twinshop.lab.torture.hazards.versions import versions
from twinshop.lab.torture.recovery import NotRecovered, recovered
from twinshop.lab.torture.story import (
    KNOWN_ORDERS,
    ONE_FOR_A_CART,
    HazardOutcome,
    Story,
    check_known,
    check_once,
    orders,
)

MIX: Mapping[str, float] = {"browse": 20, "search": 10, "translate": 10, "cart": 20, "checkout": 40}
ENVIRONMENT = {**PATIENT_CHECKOUT, "PAYMENT_SLOW_SECONDS": "1"}
STORE_FRONTS = 2
DISK_BYTES = 512 * 2**20
READY_SECONDS = 240.0
REST_SECONDS = 90.0
"""For orders to end after the last hazard: longer than a clock was off, and then a lease."""
SPARE_SECONDS = 600.0
"""The load is planned for longer than the campaign takes, and stopped at its end."""
LAST_SECONDS = 3.0
TIMEOUT_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Campaign:
    """
    Settings of a campaign, the same for all shapes.

    Attributes:
        seconds: no hazard begins later.
        rate: sessions a second.
        root: the repository.
        say: prints progress.
    """

    runtime: Runtime
    seed: int
    seconds: float
    rate: float
    root: Path
    say: Callable[[str], None]


def run(campaign: Campaign, shape: Shape, hazards: Mapping[str, Hazard], steps: Sequence[Step], folder: Path) -> Story:
    """
    Run the hazards in an environment of this shape, in the order of the steps.

    Args:
        campaign: what is set.
        shape: `MONO` or `MICRO`.
        hazards: by name.
        steps: of these hazards.
        folder: for the load and the logs.

    Raises:
        LabError: the shop does not come up.
        LoadError: the generator failed.
    """
    story = Story(shape.name)
    containers = campaign.runtime == "docker"
    front = shape.host_of("storefront").name
    options = EnvironmentOptions(
        replicas={front: STORE_FRONTS} if containers else {},
        environment=ENVIRONMENT,
        faults=True,
        disk_bytes=DISK_BYTES if containers else None,
    )
    with ExitStack() as stack:
        environment = stack.enter_context(open_environment(shape, campaign.runtime, campaign.root, folder, options))
        environment.create()
        images: list[str] = []
        if containers and any(step.hazard == MIXED_VERSIONS for step in steps):
            images = stack.enter_context(versions(campaign.root, shape))
        environment.start()
        environment.wait_ready(READY_SECONDS)
        witness = CartWitness(environment.url, list(read_products(environment.url).products))
        crowd = Crowd(environment, campaign.seed)
        scene = Scene(environment, crowd, STORE_FRONTS if containers else 1, images)
        _under_load(campaign, story, scene, witness, hazards, steps, folder / "load")
        result = read_load(folder / "load")
        story.sessions, story.good_sessions = result.sessions(), result.good_ratio()
        attempts = [*attempts_of(read_checkouts(folder / "load")), *crowd.attempts()]
        campaign.say("  every fault is reverted: waiting until all orders have ended, then checking …")
        _check(story, environment, attempts, witness, crowd)
    return story


def _under_load(
    campaign: Campaign,
    story: Story,
    scene: Scene,
    witness: CartWitness,
    hazards: Mapping[str, Hazard],
    steps: Sequence[Step],
    folder: Path,
) -> None:
    phases = (Phase(campaign.seconds + SPARE_SECONDS, campaign.rate, campaign.rate),)
    plan = LoadPlan(scene.environment.url, phases, MIX, campaign.seed % 2**32, timeout_seconds=TIMEOUT_SECONDS)
    with ExitStack() as stack:
        load = start_load(plan, folder)
        stack.callback(load.stop)
        clock = LoadClock(load)
        stack.enter_context(witness)
        stack.enter_context(scene.crowd)
        for step in steps:
            clock.wait_until(step.at)
            if clock.now() > campaign.seconds:
                break
            outcome = _run(scene, hazards[step.hazard], HazardOutcome(step, round(clock.now(), 1)), story)
            if outcome is None:
                continue
            story.outcomes.append(outcome)
            campaign.say(_line(outcome))
            if outcome.sick is not None:
                break
        clock.wait_until(clock.now() + LAST_SECONDS)
    done = {each.step.hazard for each in story.outcomes} | story.skipped.keys()
    story.not_reached = [name for name in hazards if name not in done]


def _run(scene: Scene, hazard: Hazard, outcome: HazardOutcome, story: Story) -> HazardOutcome | None:
    """One hazard, and the recovery from it; None if this runtime cannot do it."""
    try:
        outcome.evidence = hazard.run(scene, outcome.step)
    except Unsupported as error:
        story.skipped[hazard.name] = str(error)
        return None
    except LabError as error:
        outcome.doubt = str(error)
    try:
        outcome.recovery = round(recovered(scene, time.monotonic()), 2)
    except NotRecovered as error:
        outcome.sick = str(error)
    return outcome


def _line(outcome: HazardOutcome) -> str:
    shown = outcome.evidence or f"no evidence{'' if outcome.doubt is None else ': ' + outcome.doubt.splitlines()[0]}"
    end = f"NOT RECOVERED: {outcome.sick}" if outcome.recovery is None else f"recovered after {outcome.recovery:.1f} s"
    return f"  {outcome.began:6.1f} s  {outcome.step.hazard:30} {shown}; {end}"


def _check(
    story: Story, environment: Environment, attempts: Sequence[Attempt], witness: CartWitness, crowd: Crowd
) -> None:
    carts: Sequence[CartSeen] = ()
    with suppress(LabError):  # the carts are then unchecked, which counts
        carts = witness.look()
    found = [check_environment(environment, attempts, carts, seconds=REST_SECONDS)]
    try:
        books = read_payment(environment)
        found += [check_known(attempts, books), check_once(crowd.purchases, books)]
        story.orders = orders(attempts, books, crowd.presses)
    except LabError as error:
        found.append(Checked(unchecked=dict.fromkeys((KNOWN_ORDERS, ONE_FOR_A_CART), str(error))))
    story.checked = together(found)
