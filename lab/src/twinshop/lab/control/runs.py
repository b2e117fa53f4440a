"""
One fault as an experiment in front of a class: what it predicted, what was measured, and why.

All functions here are pure: they take visits and give counts, an effect, a sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

from twinshop.lab.control.visits import PATIENCE_SECONDS, Visit
from twinshop.lab.load.needs import NEEDS
from twinshop.lab.shapes import Shape

Effect = Literal["all", "more", "some", "slow", "none"]
EFFECTS: Mapping[Effect, str] = {
    "all": "Every visit is lost",
    "more": "Also visits that do not need it are lost",
    "some": "Only visits that need it are lost",
    "slow": "No visit is lost, but all are slower",
    "none": "Visitors notice nothing",
}
"""What a class can predict for each shape, and what can be measured."""
SHOPS = {"mono": "the monolith", "micro": "the microservices"}
EVERY = 0.9
"""From this share on, every visit counts as lost: the first and the last second of a fault are only half its own."""
NOTICED = 0.02
"""Up to this share of lost visits nothing was lost: a visit can fail on a busy machine without any fault."""
COLLATERAL = 0.1
"""The same for visits that do not need the component: they are few, so that a single one may be a tenth."""
SLOWER = 2.0
SLOWER_SECONDS = 0.2
BEFORE_SECONDS = 15.0
"""Of visits before the fault, to compare with."""
AFTER_SECONDS = PATIENCE_SECONDS + 1.0
"""After the fault was reverted, until the fate of all visits during it is known."""


@dataclass(frozen=True, slots=True)
class Measured:
    """
    The visits that were due during a fault in one shop.

    Attributes:
        visits, lost: all of them.
        others, others_lost: those that do not need the component.
        seconds, seconds_before: median time of visits that were not lost, during the fault and before it.
        effect: as a class could have predicted it.
    """

    visits: int
    lost: int
    others: int
    others_lost: int
    seconds: float | None
    seconds_before: float | None
    effect: Effect


def measured(component: str, during: Sequence[Visit], before: Sequence[Visit], until: float) -> Measured:
    """
    What a fault did to visitors.

    Args:
        component: the one that had the fault.
        during: the visits that were due between its injection and its end.
        before: those that were due shortly before it.
        until: its end, by `time.time`. A visit that was due less than a visitor's patience before may still be
            answered in time afterwards, so the effect is judged by the visits before these, if there are any.
    """
    now = until + AFTER_SECONDS
    judged = [visit for visit in during if visit.due < until - PATIENCE_SECONDS] or during
    lost, others, others_lost = _counts(component, during, now)
    judged_lost, judged_others, judged_others_lost = _counts(component, judged, now)
    seconds, seconds_before = _median(during, now), _median(before, now)
    effect: Effect = "none"
    spreads = judged_others_lost > COLLATERAL * judged_others or not judged_others
    if spreads and judged_lost >= EVERY * len(judged) > 0:
        effect = "all"
    elif judged_others_lost > COLLATERAL * judged_others:
        effect = "more"
    elif judged_lost > NOTICED * len(judged):
        effect = "some"
    elif seconds and seconds_before and seconds > max(SLOWER * seconds_before, seconds_before + SLOWER_SECONDS):
        effect = "slow"
    return Measured(len(during), lost, others, others_lost, seconds, seconds_before, effect)


def _counts(component: str, visits: Sequence[Visit], now: float) -> tuple[int, int, int]:
    """Lost ones, those that do not need the component, and those that are both."""
    lost = [visit for visit in visits if visit.fate(now) in ("failed", "late")]
    others = [component not in NEEDS[visit.journey] for visit in visits]
    return len(lost), sum(others), sum(component not in NEEDS[visit.journey] for visit in lost)


def _median(visits: Sequence[Visit], now: float) -> float | None:
    took = [visit.seconds for visit in visits if visit.seconds is not None and visit.fate(now) in ("good", "degraded")]
    return median(took) if took else None


@dataclass(slots=True)
class Run:
    """
    One fault of the room, from its injection to its end.

    Attributes:
        title: kind and component, as on the buttons.
        layer: where the fault acts: process, code, store.
        since, until: by `time.time`; `until` is None while it lasts.
        predictions: by shop, what the class expects.
        alone: whether no other fault was active at any time of it.
    """

    title: str
    component: str
    layer: str
    since: float
    predictions: Mapping[str, Effect] = field(default_factory=dict)
    until: float | None = None
    alone: bool = True

    def due(self, now: float) -> bool:
        """Whether its result is known."""
        return self.until is not None and now >= self.until + AFTER_SECONDS


def result(run: Run, shapes: Mapping[str, Shape], results: Mapping[str, Measured]) -> dict[str, Any]:
    """What the page shows at the end of a run: the sentence, and each prediction beside what was measured."""
    assert run.until is not None
    if not run.alone:
        text = f"{run.title}: another fault was active at the same time. Inject one at a time to get a result."
        return {"text": text, "predictions": []}
    parts = [f"{SHOPS[name]} {_told(run, shapes[name], each)}" for name, each in results.items()]
    predictions = [
        {
            "shop": name,
            "predicted": EFFECTS[predicted],
            "measured": EFFECTS[results[name].effect],
            "right": predicted == results[name].effect,
        }
        for name, predicted in run.predictions.items()
    ]
    return {
        "text": f"{run.title} for {run.until - run.since:.0f} s: {'; '.join(parts)}.",
        "predictions": predictions,
    }


def _told(run: Run, shape: Shape, each: Measured) -> str:
    """The figures of one shop and the reason for them."""
    if not each.visits:
        return "had no visits"
    share = f"lost {each.lost} of {each.visits} visits ({100 * each.lost / each.visits:.0f} %)"
    if each.effect == "slow":
        share += f", which took {each.seconds:.1f} s instead of {each.seconds_before:.2f} s"
    elif each.lost and each.others:
        share += f", {each.others_lost} of them without need of {run.component}"
    return f"{share}, because {_why(run, shape, each.effect)}"


def _why(run: Run, shape: Shape, effect: Effect) -> str:
    host = shape.host_of(run.component)
    together = len(host.components) > 1
    if effect in ("all", "more"):
        return _why_others(run, len(host.components), effect)
    where = "in the same process" if together else "in a process of its own"
    reasons: Mapping[Effect, str] = {
        "some": f"{run.component} is {where} and the storefront serves other pages without it",
        "slow": f"each call to {run.component} takes longer, and visitors have {PATIENCE_SECONDS:.0f} s of patience",
        "none": f"pages do without {run.component}, or did not call it",
    }
    return reasons[effect]


def _why_others(run: Run, together: int, effect: Effect) -> str:
    """Why visits are lost that do not need the component; `together` components share its process."""
    if run.layer == "process" and together > 1:
        return f"one process hosts {run.component} and {together - 1} other components"
    if run.component == "storefront":
        return "every visit begins at the storefront"
    if effect == "all":
        return f"every visit waits for {run.component}"
    return f"pages without need of {run.component} ask it, too, and wait for its time limit"
