"""The verb `twinshop nested`."""

import argparse
import json
import os
import shutil
from datetime import UTC, datetime
from typing import Any

from twinshop.lab import repository
from twinshop.lab.arguments import verb
from twinshop.lab.environments.docker.build import build
from twinshop.lab.errors import ProvisionError, Unsupported
from twinshop.lab.experiments.packaging.machine import accelerator
from twinshop.lab.nested import NAME
from twinshop.lab.nested.debian import machine_files
from twinshop.lab.nested.machine import missing
from twinshop.lab.nested.measure import run
from twinshop.lab.nested.report import text
from twinshop.lab.results import machine
from twinshop.lab.terminal import say, say_json

DESCRIPTION = """Run a container in a Docker engine in a virtual machine, and show what each layer costs. The machine is
made from Debian's packages, which are fetched once, and has no network. It needs x86_64, QEMU, mkfs.ext4, a Docker
engine for the image, and Debian's apt the first time. The result is stored under results/."""
EXAMPLES = {
    "twinshop nested": "the image of docs/lessons/hello",
    "twinshop nested --fresh": "fetch the newest packages and make the disk again",
}
IMAGE, CONTEXT = "twinshop/hello", "docs/lessons/hello"
FREE_BYTES = 4 * 2**30


def register(commands: Any) -> None:  # noqa: ANN401 - argparse names this type only in private
    nested = verb(commands, "nested", _nested, DESCRIPTION, EXAMPLES, json=True)
    nested.add_argument("--fresh", action="store_true", help="fetch the packages and make the disk again")
    nested.add_argument(
        "--accelerator",
        choices=("auto", "kvm", "tcg"),
        default="auto",
        help="kvm, or tcg to emulate the processor (default: kvm where it can be used)",
    )


def _nested(arguments: argparse.Namespace) -> int:
    root = repository.repository()
    if why_not := missing():
        raise Unsupported(f"There can be no virtual machine here: {why_not}.")
    if (free := shutil.disk_usage(root).free) < FREE_BYTES:
        raise ProvisionError(f"The virtual machine needs 4 GiB of disk, and {free / 2**30:.1f} GiB are free at {root}.")
    chosen, why = accelerator(arguments.accelerator)
    place = repository.folder(root, NAME)
    began = datetime.now(UTC)
    with repository.locked(place / "lock"):
        if arguments.fresh:
            shutil.rmtree(place / "packages", ignore_errors=True)
            (place / "vmlinuz").unlink(missing_ok=True)
        machine_files(place, say)
        say(f"Building {IMAGE} …")
        build(root / CONTEXT, "Dockerfile", tag=IMAGE)
        found = run(place, IMAGE, chosen, tuple(os.sched_getaffinity(0)), say)
    result = {
        "began": began.isoformat(),
        "machine": machine.fingerprint(root),
        "accelerator": chosen,
        "accelerator_why": why,
        **found,
    }
    say()
    say(text(result))
    folder = root / "results" / f"{NAME}-{began:%Y%m%dT%H%M%SZ}"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    say(f"\nStored: {(folder / f'{NAME}.json').relative_to(root)}")
    if arguments.json:
        say_json(result)
    return 0
