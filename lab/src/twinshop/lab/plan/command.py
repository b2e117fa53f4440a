"""The verb `twinshop plan`."""

import argparse
import sys
from typing import Any

from twinshop.lab.arguments import verb
from twinshop.lab.errors import LabError, UsageError
from twinshop.lab.experiments.report_commands import RUN_HELP, found
from twinshop.lab.plan.units import above_zero, milliseconds
from twinshop.lab.results.run import LATEST
from twinshop.lab.terminal import complain, say_json

SHAPES = ("mono", "micro")
PLAIN_WIDTH = 120
"""Columns if the output is not a terminal."""


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    plan = verb(
        commands,
        "plan",
        _plan,
        "Plan processors, memory, replicas and cost for a load, with a queueing model of a measured run.",
        {
            "twinshop plan --rps 150 --p99 200ms": "from the latest run",
            "twinshop plan RUN --rps 120 --p99 0.5s --shape micro --json": "one shape, for a program",
            "twinshop plan docs/report --check": "how far the model is off",
        },
        json=True,
    )
    plan.add_argument(
        "of",
        nargs="?",
        default=LATEST,
        metavar="RUN",
        help=f"{RUN_HELP} (default: latest)",
    )
    plan.add_argument("--rps", metavar="N", help="target load, requests/s")
    for percent in ("50", "95", "99"):
        plan.add_argument(
            f"--p{percent}", metavar="TIME", help=f"upper bound for p{percent} of all requests, such as 200ms"
        )
    plan.add_argument("--shape", help=f"{' or '.join(SHAPES)}; default: the measured shapes")
    plan.add_argument("--mix", default="balanced", help="a mix of journeys that was measured; default: balanced")
    plan.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processors and workers of each replica; default: 1"
    )
    plan.add_argument(
        "--core-hour-price", metavar="PRICE", help="price of a processor for an hour (default: no cost is shown)"
    )
    plan.add_argument("--gib-hour-price", metavar="PRICE", help="price of a GiB of memory for an hour")
    plan.add_argument(
        "--check", action="store_true", help="predict measured points from the others, and print the error"
    )


def _plan(arguments: argparse.Namespace) -> int:
    goal = None if arguments.check else _goal(arguments)
    run = found(arguments.of)

    from rich.console import Console  # noqa: PLC0415 - this and SciPy take a second

    from twinshop.lab.plan import checking, model, points, sizing, tables  # noqa: PLC0415

    trials = run.trials()
    shapes = [arguments.shape] if arguments.shape else _known(trials)
    shown: list[Any] = []
    as_json: list[dict[str, Any]] = []
    failed: list[str] = []
    for shape in shapes:
        try:
            data = points.measured(trials, shape, arguments.mix)
            if goal is None:
                checked = checking.check(data)
                shown.append(tables.check_table(checked))
                as_json.append(tables.check_json(checked))
            else:
                fitted, wanted = model.fit(data), sizing.Goal(*goal)
                sizing.require_known(fitted, wanted)
                plan, checked = sizing.size(fitted, wanted), checking.check(data)
                shown.append(tables.plan_table(plan, data, checked))
                as_json.append(tables.plan_json(plan, data, checked))
        except LabError as error:
            failed.append(str(error))
    if arguments.json:
        say_json({"run": run.name, "shapes": as_json, "refused": failed})
    elif shown:
        console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)
        console.print(f"From the run {run.name}, with 95 % intervals in brackets.")
        for each in shown:
            console.print(each)
    for reason in failed:
        complain(reason)
    return 1 if failed else 0


def _goal(arguments: argparse.Namespace) -> tuple[float, dict[str, float], int, tuple[float, float] | None]:
    bounds = {q: text for q in ("50", "95", "99") if (text := getattr(arguments, f"p{q}")) is not None}
    if arguments.rps is None or not bounds:
        raise UsageError("--rps and --p99 are both required: twinshop plan --rps 150 --p99 200ms")
    if not 1 <= arguments.workers <= 64:  # noqa: PLR2004 - what a server has
        raise UsageError(f"invalid --workers {arguments.workers}: write a number from 1 to 64")
    prices = [text for text in (arguments.core_hour_price, arguments.gib_hour_price) if text is not None]
    if len(prices) == 1:
        raise UsageError("--core-hour-price and --gib-hour-price must be given together")
    options = ("--core-hour-price", "--gib-hour-price")
    paid = tuple(above_zero(name, text) for name, text in zip(options, prices, strict=False))
    return (
        above_zero("--rps", arguments.rps),
        {q: milliseconds(text) for q, text in bounds.items()},
        arguments.workers,
        (paid[0], paid[1]) if prices else None,
    )


def _known(trials: list[Any]) -> list[str]:
    """Return the shapes with scaling trials in the run, or mono, whose reading then fails with a reason."""
    return [
        shape for shape in SHAPES if any(t.spec.experiment == "scaling" and t.spec.arm == shape for t in trials)
    ] or [SHAPES[0]]
