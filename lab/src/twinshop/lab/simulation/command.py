"""The verb `twinshop simulate`: check the statistics where the truth is known."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from twinshop.lab.arguments import verb
from twinshop.lab.experiments.until import LOOKS
from twinshop.lab.terminal import say, say_json, table

BLOCKS = (2, 3, 4, 5, 10, 30)
CLAIMS = 19
SLOPES = (0.0, 0.02, 0.05)
SIZES = ((4, 3), (3, 7), (6, 3), (10, 2))
"""Blocks and arms of the runs that are tested for drift."""
Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]
STEPS, NOISES, SECONDS = (0.15, 0.5), (0.05, 0.13), (16, 40)


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    """Add the verb to the command line."""
    simulate = verb(
        commands,
        "simulate",
        _run,
        "Check the statistics of the lab on simulated data whose truth is known: coverage of the intervals, wrong "
        "claims in a run, false alarms of the drift test, power of the steady-state test.",
        {
            "twinshop simulate": "20,000 runs for each cell, in some minutes",
            "twinshop simulate --samples 200 --json": "a rough answer, for a program",
        },
        json=True,
    )
    simulate.add_argument("--samples", type=int, default=20_000, help="simulated runs per cell; default: 20000")
    simulate.add_argument("--seed", type=int, default=20261201, help="random seed; default: 20261201")


def _run(arguments: argparse.Namespace) -> int:
    made = []
    for title, header, rows in tables(max(1, arguments.samples), arguments.seed):
        say(table(title, header, rows))
        say("")
        made.append({"title": title, "header": header, "rows": rows})
    if arguments.json:
        say_json(made)
    return 0


def tables(samples: int, seed: int) -> Iterator[Table]:
    """Yield title, header and rows of every table as soon as it is made."""
    from twinshop.lab.simulation.coverage import SCENARIOS, coverage  # noqa: PLC0415 - SciPy takes a second
    from twinshop.lab.simulation.drift import drifts_found  # noqa: PLC0415
    from twinshop.lab.simulation.family import family_wise_errors  # noqa: PLC0415
    from twinshop.lab.simulation.prices import found as prices_found  # noqa: PLC0415
    from twinshop.lab.simulation.stopping import stopped  # noqa: PLC0415
    from twinshop.lab.statistics.steady import power  # noqa: PLC0415

    yield (
        "How often a 95 % interval (t) covers the true value, by blocks",
        ("log-ratios", *map(str, BLOCKS)),
        [(name, *(_share(coverage(draw, n, samples, seed)) for n in BLOCKS)) for name, draw in SCENARIOS.items()],
    )
    rows = []
    for ratio in (1.0, 1.02, 1.05):
        for shared in (0.0, 0.5):
            for n in (3, 5, 10):
                found = family_wise_errors(CLAIMS, n, samples, seed, ratio=ratio, shared=shared)
                rows.append((f"{ratio:g}", f"{shared:.0%}", str(n), *map(_share, found)))
    header = ("true ratio", "shared noise", "blocks", "alone", "with Holm")
    yield f"Runs with any wrong verdict among {CLAIMS} claims", header, rows
    yield (
        "Figures reported to drift (p < 0.01)",
        ("blocks", "arms", "no drift", "2 % a position", "5 % a position"),
        [
            (str(n), str(arms), *(_share(drifts_found(n, arms, samples, seed, slope=each)) for each in SLOPES))
            for n, arms in SIZES
        ],
    )
    yield (
        f"Runs that stop by need, after {', '.join(map(str, LOOKS))} blocks: intervals that hold the truth",
        ("log-ratios", "ordinary", "with the looks", "mean blocks"),
        [
            (name, _share(stopped(LOOKS, samples, seed, looks=1, draw=draw)[0]), _share(held), f"{blocks:.1f}")
            for name, draw in SCENARIOS.items()
            for held, blocks in (stopped(LOOKS, samples, seed, looks=len(LOOKS), draw=draw),)
        ],
    )
    fits = min(samples, 2000)
    true_prices = ((1.0, 10.0), (0.0, 10.0), (1.0, 0.0))
    rows = []
    for call, process in true_prices:
        for n in (3, 5):
            of_call, of_process = prices_found(n, fits, seed, call=call, process=process)
            cells = (f"{of_call[0]:.2f}", _share(of_call[1]), f"{of_process[0]:.1f}", _share(of_process[1]))
            rows.append((f"{call:g} ms, {process:g} ms/s", str(n), *cells))
    yield (
        "Prices of a call and of a process that are found again, by the true ones",
        ("a call, a process", "blocks", "call, ms", "covered", "process, ms/s", "covered"),
        rows,
    )
    windows = min(samples, 2000)
    yield (
        "Steps in latency that the steady-state test detects",
        ("seconds", "noise", "no step", *(f"step of {step:.0%}" for step in STEPS)),
        [
            (
                str(n),
                f"{noise:.0%}",
                *(_share(power(each, noise, n, samples=windows, seed=seed)) for each in (0.0, *STEPS)),
            )
            for n in SECONDS
            for noise in NOISES
        ],
    )


def _share(value: float) -> str:
    return f"{value:.1%}"
