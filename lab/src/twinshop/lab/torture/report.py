"""How a campaign is told: a table for people, JSON for programs."""

from collections.abc import Sequence
from statistics import median

from twinshop.lab.terminal import aligned
from twinshop.lab.torture.story import MEANINGS, Story

SHOWN = 20
"""Violations of a shape; all of them are in the file."""


def text(stories: Sequence[Story]) -> str:
    """Figures by shape, the recovery from each hazard, and the promises."""
    rows = [("", *(story.shape for story in stories)), *(_figures(stories)), *_promises(stories)]
    recoveries = [("recovery, s (median, longest)", *(story.shape for story in stories)), *_recoveries(stories)]
    parts = [*aligned(rows), "", *aligned(recoveries), ""]
    for story in stories:
        found = story.faults()
        parts += [f"{story.shape}: {each}" for each in found[:SHOWN]]
        if len(found) > SHOWN:
            parts.append(f"{story.shape}: and {len(found) - SHOWN} more")
        parts += [f"{story.shape}: {name} left out: {why}" for name, why in story.skipped.items()]
        if story.not_reached:
            parts.append(f"{story.shape}: no time for {', '.join(story.not_reached)}")
        unseen = [each.step.hazard for each in story.outcomes if each.evidence is None]
        if unseen:
            parts.append(f"{story.shape}: no evidence of: {', '.join(unseen)}")
    return "\n".join(parts)


def _figures(stories: Sequence[Story]) -> list[tuple[str, ...]]:
    def row(name: str, *values: str) -> tuple[str, ...]:
        return name, *values

    return [
        row("orders acknowledged", *(str(story.orders.acknowledged) for story in stories)),
        row("checkouts without an answer", *(str(story.orders.unknown) for story in stories)),
        row("orders paid, in the ledger", *(str(story.orders.stored) for story in stories)),
        row("orders cancelled, in the ledger", *(str(story.orders.cancelled) for story in stories)),
        row("presses beyond the first", *(str(story.orders.pressed_again) for story in stories)),
        row("sessions, good ones", *(f"{story.sessions}, {story.good_sessions:.1%}" for story in stories)),
        row("hazards", *(str(len(story.outcomes)) for story in stories)),
        row("with evidence", *(str(len(story.confirmed)) for story in stories)),
        row("survived", *(str(len(story.survived)) for story in stories)),
    ]


def _promises(stories: Sequence[Story]) -> list[tuple[str, ...]]:
    rows = []
    for name, meaning in MEANINGS.items():
        cells = []
        for story in stories:
            broken = sum(violation.invariant == name for violation in story.checked.violations)
            counted = story.checked.counted.get(name)
            cells.append("unknown" if counted is None else f"{broken} of {counted} broken")
        rows.append((f"{name} {meaning.partition(':')[0]}", *cells))
    return rows


def _recoveries(stories: Sequence[Story]) -> list[tuple[str, ...]]:
    names = dict.fromkeys(each.step.hazard for story in stories for each in story.outcomes)
    return [(name, *(_recovery(story, name) for story in stories)) for name in sorted(names)]


def _recovery(story: Story, name: str) -> str:
    found = [each.recovery for each in story.survived if each.step.hazard == name and each.recovery is not None]
    return f"{median(found):.1f}, {max(found):.1f}" if found else "-"
