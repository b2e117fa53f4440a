"""The verb `twinshop layers`."""

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from twinshop.lab import repository
from twinshop.lab.arguments import verb
from twinshop.lab.environments.docker import docker
from twinshop.lab.environments.docker.images import IMAGES, chosen
from twinshop.lab.errors import ProvisionError
from twinshop.lab.results import machine
from twinshop.lab.terminal import say, say_json
from twinshop.lab.words import counted

DESCRIPTION = """Build the images, and show their layers, which of these they share, and what one changed line rebuilds.
The rows are stored under results/."""
EXAMPLES = {
    "twinshop layers cart monolith": "two images side by side",
    "twinshop layers --no-changes --json": "all images, for a program",
}


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    layers = verb(commands, "layers", _layers, DESCRIPTION, EXAMPLES, json=True)
    layers.add_argument("images", nargs="*", metavar="image", help=f"{', '.join(IMAGES)} (default: all of them)")
    layers.add_argument("--cold", action="store_true", help="also build without the cache, which takes minutes")
    layers.add_argument("--no-changes", action="store_true", help="do not measure what a changed line rebuilds")


def _layers(arguments: argparse.Namespace) -> int:
    from twinshop.lab.layers import measure, report  # noqa: PLC0415 - rich only when it is needed

    root = repository.repository()
    images = chosen(arguments.images)
    if why_not := docker.unusable():
        raise ProvisionError(f"Docker is required to build images, and cannot be used: {why_not}.")
    repository.require_space(root)
    data: dict[str, Any] = {"began": datetime.now(UTC).isoformat(), "machine": machine.fingerprint(root)}
    say(f"Building {counted(len(images), 'image')} …")
    data["builds"] = measure.builds(root, images, say, cold=arguments.cold)
    data["images"], data["all"] = measure.contents(root, images)
    if not arguments.no_changes:
        say("Changing one line …")
        data["changes"] = measure.changes(root, images, say)
    report.show(data)
    folder = root / "results" / f"layers-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    folder.mkdir(parents=True)
    (folder / "layers.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    say(f"Stored: {(folder / 'layers.json').relative_to(root)}")
    if arguments.json:
        say_json(data)
    return 0
