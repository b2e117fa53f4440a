"""Plans and checks as text and as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from twinshop.lab.plan.checking import Checked, HeldOut, coverage, mape
from twinshop.lab.plan.points import QUANTILES, Measured
from twinshop.lab.plan.sizing import GIB, Range, Sized

MIB = 1 << 20
HOURS = 730
"""Of a month, as price lists count them."""
FIGURES = (*(f"p{q}" for q in QUANTILES), "processors", "capacity")


def plan_table(plan: Sized, data: Measured, checked: Checked) -> RenderableType:
    """One row for each part; below it what to know, also how far off such predictions were where the truth is known."""
    goal = plan.goal
    bounds = " and ".join(f"p{q} ≤ {bound:g} ms" for q, bound in goal.latency_ms.items())
    sessions = goal.rate / data.requests_per_session
    title = f"{plan.shape}: {goal.rate:,.0f} requests/s (about {sessions:,.0f} sessions/s, {data.mix}) with {bounds}"
    table = Table()
    table.add_column("part")
    for name in ("replicas", "processors", "memory, GiB"):
        table.add_column(name, justify="right")
    for name, part in plan.parts.items():
        replicas = "one" if part.replicas is None else ranged(part.replicas, "{:,.0f}")
        table.add_row(name, replicas, ranged(part.processors, "{:,.2f}"), ranged(part.memory_bytes, "{:,.2f}", GIB))
    table.add_section()
    table.add_row("all", "", ranged(plan.processors, "{:,.1f}"), ranged(plan.memory_bytes, "{:,.1f}", GIB))
    return Group(
        Text(title, style="bold"),
        table,
        Padding("\n".join([*_below(plan), told(checked, plan.latency_ms)]), (0, 0, 1, 1)),
    )


def _below(plan: Sized) -> list[str]:
    expected = ", ".join(f"p{q} {ranged(found, '{:.0f}')} ms" for q, found in plan.latency_ms.items())
    lines = [f"At {ranged(plan.utilisation, '{:.0%}')} of these processors: expected {expected}."]
    if plan.cost_per_hour is None:
        lines.append("Cost: give --core-hour-price and --gib-hour-price.")
    else:
        month = ranged(plan.cost_per_hour, "{:,.0f}", 1 / HOURS)
        lines.append(f"Cost: {ranged(plan.cost_per_hour, '{:,.2f}')} an hour, {month} a month of {HOURS} hours.")
    return lines + [f"Note: {warning}" for warning in plan.warnings]


def told(checked: Checked, quantiles: Iterable[str]) -> str:
    """How many measurements of this run lay in the intervals that were predicted without them."""
    said = [
        f"{figure} in {sum(each.within for each in rows)} of {len(rows)} (mean error {mape(rows):.0%})"
        for figure in ("processors", "capacity", *(f"p{q}" for q in quantiles))
        if (rows := checked.of(figure))
    ]
    if not said:
        return "Checked: nothing could be left out of this run, so how far off it is is unknown."
    return f"Checked: 95 % intervals held what was left out of the fit: {', '.join(said)}."


def ranged(found: Range, form: str, unit: float = 1.0) -> str:
    """Such as `12 [11, 14]`."""

    def one(value: float) -> str:
        return form.format(value / unit) if isfinite(value) else "∞"

    return f"{one(found.value)} [{one(found.low)}, {one(found.high)}]"


def check_table(checked: Checked) -> RenderableType:
    """Every prediction, then the errors."""
    points, errors = Table(), Table()
    for table, columns in (
        (points, ("figure", "at", "measured", "predicted, 95 % interval", "error", "")),
        (errors, ("figure", "n", "mean abs. error", "within the interval", "inside the range: n", "error", "within")),
    ):
        for name in columns:
            table.add_column(name, justify="left" if name in ("figure", "") else "right")
    for figure in FIGURES:
        rows = checked.of(figure)
        for each in rows:
            points.add_row(*_row(each))
        if rows:
            inner = checked.of(figure, outside=False)
            errors.add_row(figure, *_errors(rows), *(_errors(inner) if inner else ("0", "-", "-")))
    left = [Text(f"Not left out: {reason}") for reason in checked.skipped]
    title = Text(f"{checked.shape}: predicted without the points themselves", style="bold")
    return Group(title, points, errors, *left, Text(""))


def _row(each: HeldOut) -> tuple[str, ...]:
    at = f"{each.at:g} processors" if each.figure == "capacity" else f"{each.at:.0f}/s"
    form = "{:.2f}" if each.figure == "processors" else "{:.0f}"
    flags = [word for word, holds in (("extrapolated", each.outside), ("not within", not each.within)) if holds]
    return (
        each.figure,
        at,
        form.format(each.measured),
        ranged(each.predicted, form),
        f"{each.error:+.0%}",
        ", ".join(flags),
    )


def _errors(rows: Sequence[HeldOut]) -> tuple[str, str, str]:
    return str(len(rows)), f"{mape(rows):.0%}", f"{coverage(rows):.0%}"


def plan_json(plan: Sized, data: Measured, checked: Checked) -> dict[str, Any]:
    """All numbers, and the errors of the check."""
    return {
        **asdict(plan),
        "check": check_json(checked)["errors"],
        "mix": data.mix,
        "sessions_per_s": plan.goal.rate / data.requests_per_session,
    }


def check_json(checked: Checked) -> dict[str, Any]:
    """Every prediction, and the errors by figure."""
    errors = {
        figure: {
            "n": len(rows),
            "mean_absolute_error": mape(rows),
            "coverage": coverage(rows),
        }
        for figure in FIGURES
        if (rows := checked.of(figure))
    }
    held_out = [asdict(each) | {"error": each.error, "within": each.within} for each in checked.held]
    return {"shape": checked.shape, "errors": errors, "held_out": held_out, "skipped": checked.skipped}
