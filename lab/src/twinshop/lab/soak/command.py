"""The verb `twinshop soak`."""

import argparse
import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twinshop.lab import repository
from twinshop.lab.arguments import verb
from twinshop.lab.errors import UsageError
from twinshop.lab.shapes import parse
from twinshop.lab.terminal import complain, say, say_json

if TYPE_CHECKING:
    from twinshop.lab.soak.measure import Sample

DESCRIPTION = """Send a constant load to each shape and watch the memory of each process, and the goodput. The table
gives the slope of the memory with its 95 % interval. Samples are stored under results/ as they are taken, so Ctrl-C
loses none."""
EXAMPLES = {
    "twinshop soak --minutes 60": "an hour for each shape",
    "twinshop soak --shape micro --rate 5 --set PAYMENT_LEASE_SECONDS=5": "one shape, with a setting of its own",
}
TELL_SECONDS = 30.0
FILE = "samples.jsonl"


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    soak = verb(commands, "soak", _soak, DESCRIPTION, EXAMPLES, json=True)
    soak.add_argument(
        "--shape", action="append", help="mono, micro or a grouping (may be repeated; default: mono and micro)"
    )
    soak.add_argument("--minutes", type=float, default=5.0, help="minutes of load on each shape (default: 5)")
    soak.add_argument("--rate", type=float, default=15.0, help="sessions a second (default: 15)")
    soak.add_argument("--every", type=float, default=2.0, help="seconds between two samples (default: 2)")
    soak.add_argument("--runtime", choices=("local", "docker"), default="local", help="default: local")
    soak.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an environment variable for all processes (may be repeated)",
    )
    soak.add_argument("--folder", type=Path, help="folder for the results (default: results/soak-<time>)")


def _soak(arguments: argparse.Namespace) -> int:
    from twinshop.lab.results import machine  # noqa: PLC0415 - slow to import

    if arguments.minutes <= 0 or arguments.rate <= 0 or arguments.every <= 0:
        raise UsageError("--minutes, --rate and --every must be above 0")
    variables = _variables(arguments.set)
    root = repository.repository()
    repository.require_space(root)
    names = arguments.shape or ["mono", "micro"]
    for name in names:
        parse(name)  # fails before anything is started
    folder = arguments.folder or root / "results" / f"soak-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty.")
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.fingerprint(root),
        "minutes": arguments.minutes,
        "rate": arguments.rate,
        "every_seconds": arguments.every,
        "runtime": arguments.runtime,
        "environment": variables,
    }
    (folder / "soak.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    say(f"Soak: {', '.join(names)}, {arguments.minutes:g} min each, {arguments.rate:g} sessions a second …")
    taken: dict[str, list[Sample]] = {}
    try:
        for done, name in enumerate(names):
            after = (len(names) - done - 1) * arguments.minutes * 60
            _one(name, arguments, variables, folder / name, after, taken.setdefault(name, []))
    except KeyboardInterrupt:
        complain("Interrupted. The samples so far are kept.")
        return 130
    finally:
        say(f"Stored: {folder}")
        if arguments.json:
            from twinshop.lab.soak import report  # noqa: PLC0415 - as above

            say_json({**about, "shapes": {name: report.as_json(each) for name, each in taken.items() if each}})
    return 0


def _variables(given: list[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    if wrong := [name for name, equals, _ in pairs if not name or not equals]:
        raise UsageError(f"invalid --set '{wrong[0]}': write NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _one(
    name: str,
    arguments: argparse.Namespace,
    variables: Mapping[str, str],
    folder: Path,
    after_seconds: float,
    taken: "list[Sample]",
) -> None:
    """Soak one shape: store each sample, print the progress, and print the table even if it is interrupted."""
    from twinshop.lab.cores import divided  # noqa: PLC0415 - as above
    from twinshop.lab.environments.open import open_environment  # noqa: PLC0415
    from twinshop.lab.environments.protocol import EnvironmentOptions  # noqa: PLC0415
    from twinshop.lab.load.api import LoadPlan, Phase  # noqa: PLC0415
    from twinshop.lab.soak import measure, report  # noqa: PLC0415

    seconds = arguments.minutes * 60
    shop_cores, load_cores = divided() if len(os.sched_getaffinity(0)) > 1 else (None, None)
    options = EnvironmentOptions(cores=shop_cores, environment=variables)
    told = time.monotonic()
    with open_environment(parse(name), arguments.runtime, repository.repository(), folder, options) as environment:
        environment.create()
        environment.start()
        environment.wait_ready()
        plan = LoadPlan(
            environment.url,
            [Phase(seconds, arguments.rate, arguments.rate)],
            think_seconds=0.2,
            cores=load_cores,
            live=True,
        )
        try:
            with (folder / FILE).open("w", encoding="utf-8") as file:
                for sample in measure.samples(environment, plan, arguments.every, folder / "load"):
                    taken.append(sample)
                    file.write(json.dumps(sample.as_json()) + "\n")
                    file.flush()
                    if time.monotonic() - told >= TELL_SECONDS:
                        told = time.monotonic()
                        say(_progress(name, taken, seconds - sample.seconds + after_seconds))
        finally:
            if taken:
                say("\n" + report.text(name, taken) + "\n")


def _progress(name: str, taken: "list[Sample]", left_seconds: float) -> str:
    sizes = ", ".join(f"{process} {size / 2**20:.0f} MiB" for process, size in taken[-1].memory_bytes.items())
    return f"  {name}, {taken[-1].seconds:.0f} s: {sizes}; about {max(0.0, left_seconds) / 60:.1f} min left"
