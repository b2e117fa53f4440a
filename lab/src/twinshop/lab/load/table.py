"""A load as text."""

import math
from typing import Any

from twinshop.lab.load.plan import JOURNEYS
from twinshop.lab.load.result import LoadResult
from twinshop.lab.terminal import aligned

PERCENTILES = (50, 90, 99, 99.9)
SHOWN = 10


def text(result: LoadResult) -> str:
    """Return the latency of each journey's requests, the ends of the sessions, and the state of the generator."""
    heading = ("", "offered", "good", "good/s", *(f"p{q:g} ms" for q in PERCENTILES))
    journeys = [each for each in JOURNEYS if result.sessions(journey=each)]
    rows = [heading, *(_row(result, each, each) for each in journeys), _row(result, "all", None)]
    lines = aligned(rows)
    acknowledged, unknown = result.orders()
    lines += ["", f"{result.requests()} requests; latency from the intended start, failed requests included."]
    lines.append(f"Dropped {result.dropped}, unfinished {result.unfinished}, good though degraded {result.degraded}.")
    lines.append(f"Orders acknowledged {acknowledged}, checkouts with unknown outcome {unknown}.")
    lines += [f"{count:6} x {error}" for error, count in list(result.errors().items())[:SHOWN]]
    cpu, late = result.generator_cpu_ratio, result.late_ms(99)
    lines.append(f"Generator: {cpu:.0%} of its processor (the busiest 5 s), late by {late:.2f} ms (p99 of requests).")
    if why := _invalid(result):
        lines.append(f"This load is invalid: {why}.")
    return "\n".join(lines)


def as_json(result: LoadResult) -> dict[str, Any]:
    """Return the same for a program; latencies in milliseconds, rates in sessions a second."""
    journeys = [each for each in JOURNEYS if result.sessions(journey=each)]
    acknowledged, unknown = result.orders()
    return {
        "url": result.plan.url,
        "seconds": result.plan.seconds,
        "journeys": {each: _figures(result, each) for each in journeys} | {"all": _figures(result, None)},
        "requests": result.requests(),
        "dropped": result.dropped,
        "unfinished": result.unfinished,
        "degraded": result.degraded,
        "orders_acknowledged": acknowledged,
        "checkouts_unknown": unknown,
        "errors": dict(result.errors()),
        "generator_cpu_ratio": result.generator_cpu_ratio,
        "late_p99_ms": result.late_ms(99),
        "invalid": _invalid(result),
    }


def _invalid(result: LoadResult) -> str | None:
    """What is shown are latencies to the 99th percentile, so that is what the generator must not disturb."""
    return result.void() or result.late(99)


def _figures(result: LoadResult, journey: str | None) -> dict[str, float]:
    return {
        "offered": result.sessions(journey=journey),
        "good_ratio": result.good_ratio(journey=journey),
        "goodput": result.goodput(journey=journey),
        **{f"p{q:g}_ms": result.percentile(q, journey=journey) for q in PERCENTILES},
    }


def _row(result: LoadResult, name: str, journey: str | None) -> tuple[str, ...]:
    offered = result.sessions(journey=journey)
    good, rate = result.good_ratio(journey=journey), result.goodput(journey=journey)
    latencies = (result.percentile(q, journey=journey) for q in PERCENTILES)
    share = "-" if math.isnan(good) else f"{good:.2%}"
    return (
        name,
        str(offered),
        share,
        f"{rate:.1f}",
        *("-" if math.isnan(each) else f"{each:.1f}" for each in latencies),
    )
