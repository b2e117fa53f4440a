"""The verb `twinshop torture`."""

import argparse
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twinshop.lab import repository
from twinshop.lab.arguments import verb
from twinshop.lab.environments.docker import docker
from twinshop.lab.environments.protocol import Runtime
from twinshop.lab.errors import ProvisionError, UsageError
from twinshop.lab.shapes import MICRO, MONO, Shape
from twinshop.lab.terminal import complain, say, say_json

if TYPE_CHECKING:
    from twinshop.lab.torture.api import Hazard
    from twinshop.lab.torture.story import Story

SHAPES: Mapping[str, Shape] = {"mono": MONO, "micro": MICRO}
DESCRIPTION = """Inject random, repeatable faults into both shapes under load, let them recover, and check that nothing
was lost: every acknowledged order is stored once, with its money and stock. docs/torture.md describes the hazards."""
EXAMPLES = {
    "twinshop torture --list": "the hazards, and what must survive each",
    "twinshop torture --minutes 4 --shape micro": "the microservices for four minutes",
    "twinshop torture --only crash,hang --seed 7 --runtime local": "some hazards, in an order that can be repeated",
}
FORMAT = 1
MOST_MINUTES = 24 * 60.0
MOST_RATE = 1000.0
SEEDS = 2**32


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    torture = verb(commands, "torture", _torture, DESCRIPTION, EXAMPLES, json=True)
    torture.add_argument(
        "--minutes", type=float, default=12.0, help="minutes of hazards, all shapes together (default: 12)"
    )
    torture.add_argument("--seed", type=int, help="random seed (default: generated and recorded)")
    torture.add_argument(
        "--shape",
        default=",".join(SHAPES),
        help=f"{' or '.join(SHAPES)}, or both with a comma (default: {','.join(SHAPES)})",
    )
    runtimes = ("auto", "docker", "local")
    torture.add_argument(
        "--runtime", choices=runtimes, default="auto", help="default: auto, which is Docker if it is usable"
    )
    torture.add_argument("--rate", type=float, default=6.0, help="sessions a second (default: 6)")
    torture.add_argument(
        "--only",
        default="",
        metavar="NAMES",
        help="run only these hazards, or those with this prefix (comma-separated)",
    )
    torture.add_argument("--list", action="store_true", help="list the hazards and exit")


def _torture(arguments: argparse.Namespace) -> int:
    from twinshop.lab.results import machine  # noqa: PLC0415
    from twinshop.lab.torture import report  # noqa: PLC0415
    from twinshop.lab.torture.campaign import Campaign, run  # noqa: PLC0415
    from twinshop.lab.torture.hazards import chosen  # noqa: PLC0415
    from twinshop.lab.torture.schedule import steps  # noqa: PLC0415

    hazards = {hazard.name: hazard for hazard in chosen([name for name in arguments.only.split(",") if name])}
    if arguments.list:
        say("\n".join(_described(hazard) for hazard in hazards.values()))
        if arguments.json:
            say_json([_as_json(hazard) for hazard in hazards.values()])
        return 0
    shapes = _shapes(arguments.shape)
    if not 0 < arguments.minutes <= MOST_MINUTES or not 0 < arguments.rate <= MOST_RATE:
        raise UsageError(
            f"--minutes must be above 0 and at most {MOST_MINUTES:g}, --rate above 0 and at most {MOST_RATE:g}"
        )
    runtime = _runtime(arguments.runtime)
    root = repository.repository()
    repository.require_space(root)
    seed = secrets.randbelow(SEEDS) if arguments.seed is None else arguments.seed
    missing = {hazard.name: hazard.why for hazard in hazards.values() if runtime not in hazard.runtimes}
    possible = {name: hazard for name, hazard in hazards.items() if name not in missing}
    seconds = arguments.minutes * 60 / len(shapes)
    planned = steps(seed, list(possible), seconds)
    if not planned:
        raise UsageError(
            "No hazard fits into the time, or this runtime supports none: add --minutes, or choose others."
        )
    again = _again(arguments, seed, runtime)
    say(f"{len(planned)} hazards in {seconds:.0f} s on each of {', '.join(shapes)} ({runtime}). To repeat: {again}")
    for name, why in missing.items():
        say(f"  {name} is skipped on the {runtime} runtime: {why}")
    folder = root / "results" / f"torture-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    about = {
        "format": FORMAT,
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "again": again,
        "seed": seed,
        "seconds_each": seconds,
        "rate": arguments.rate,
        "runtime": runtime,
        "machine": machine.fingerprint(root),
    }
    campaign = Campaign(runtime, seed, seconds, arguments.rate, root, say)
    stories: list[Story] = []
    for name, shape in shapes.items():
        say(f"{name}:")
        story = run(campaign, shape, possible, planned, folder / name)
        story.skipped = {**missing, **story.skipped}
        stories.append(story)
        _keep(folder, about, stories)
    say("\n" + report.text(stories))
    say(f"Stored: {(folder / 'torture.json').relative_to(root)}")
    if arguments.json:
        say_json({**about, "shapes": [story.as_json() for story in stories]})
    if any(story.faults() for story in stories):
        complain(f"An invariant was violated, or could not be checked. To repeat: {again}")
        return 1
    say("No order was lost, and none was placed twice.")
    return 0


def _keep(folder: Path, about: Mapping[str, Any], stories: "list[Story]") -> None:
    """Store the shapes that are finished. It is called after each, so that an interruption keeps them."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**about, "shapes": [story.as_json() for story in stories]}, indent=1)
    (folder / "torture.json").write_text(text + "\n", encoding="utf-8")


def _as_json(hazard: "Hazard") -> dict[str, Any]:
    return {
        "name": hazard.name,
        "does": hazard.does,
        "recovery": hazard.recovery,
        "must_survive": hazard.keeps,
        "runtimes": list(hazard.runtimes),
        "why": hazard.why,
    }


def _described(hazard: "Hazard") -> str:
    lines = [hazard.name, f"    {hazard.does}", f"    Recovery: {hazard.recovery}", f"    Must survive: {hazard.keeps}"]
    if hazard.why and len(hazard.runtimes) == 1:
        lines.append(f"    Only on the {hazard.runtimes[0]} runtime: {hazard.why}")
    return "\n".join(lines)


def _shapes(text: str) -> dict[str, Shape]:
    names = list(dict.fromkeys(name for name in text.split(",") if name))
    if not names or any(name not in SHAPES for name in names):
        raise UsageError(f"invalid --shape '{text}': write mono, micro, or mono,micro")
    return {name: SHAPES[name] for name in names}


def _runtime(wanted: str) -> Runtime:
    if wanted == "local":
        return "local"
    why_not = docker.unusable()
    if why_not is None:
        return "docker"
    if wanted == "docker":
        raise ProvisionError(f"Docker cannot be used: {why_not}.\nWithout Docker: --runtime local")
    say(f"Docker cannot be used ({why_not}).")
    return "local"


def _again(arguments: argparse.Namespace, seed: int, runtime: Runtime) -> str:
    only = f" --only {arguments.only}" if arguments.only else ""
    set_ = f"--seed {seed} --minutes {arguments.minutes:g} --rate {arguments.rate:g}"
    return f"uv run twinshop torture {set_} --shape {arguments.shape} --runtime {runtime}{only}"
