"""The verb `twinshop bench`."""

import argparse
from typing import Any

from twinshop.lab.arguments import verb

DESCRIPTION = """Run a short benchmark of both shapes: startup, load on one core, memory, calls between components,
images. It takes minutes and needs an idle machine. The part size fills databases with up to 100,000 products and a
million orders; it measures PostgreSQL too if TWINSHOP_BENCH_POSTGRES names a server. The part engines starts the shop
with each engine of the translator. The command prints the tables of
each part, without statistics. The rows are stored under results/ after every block, so Ctrl-C loses only the current
block."""
EXAMPLES = {
    "twinshop bench": "all parts",
    "twinshop bench --only startup --repeats 3": "three starts of each shape",
    "twinshop bench --only calls --json": "all rows, for a program",
    "twinshop bench --only engines --repeats 1": "the start by the translator's engine: none, rules, neural",
    "twinshop bench --only size --products 10000 --orders 10000": "smaller shops: about a minute",
}
PARTS = ("startup", "pages", "throughput", "calls", "keys", "docker")
"""What is measured unless parts are named."""
LONG_PARTS = ("size", "engines")
"""What is measured only by name."""


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    bench = verb(commands, "bench", _bench, DESCRIPTION, EXAMPLES, json=True)
    bench.add_argument(
        "--only",
        choices=PARTS + LONG_PARTS,
        action="append",
        help="run only this part (may be repeated; default: all but size and engines)",
    )
    bench.add_argument("--repeats", type=int, default=5, help="blocks of each measurement (default: 5)")
    bench.add_argument("--seconds", type=float, default=8, help="seconds of each load (default: 8)")
    bench.add_argument(
        "--products", type=int, default=100_000, help="of the largest catalogue of the part size (default: 100000)"
    )
    bench.add_argument(
        "--orders", type=int, default=1_000_000, help="of the largest ledger of the part size (default: 1000000)"
    )


def _bench(arguments: argparse.Namespace) -> int:
    from twinshop.lab.bench.benchmark import benchmark  # noqa: PLC0415 - SciPy, a web server and HTTP clients

    largest = (arguments.products, arguments.orders)
    return benchmark(arguments.only or PARTS, arguments.repeats, arguments.seconds, largest, json_too=arguments.json)
