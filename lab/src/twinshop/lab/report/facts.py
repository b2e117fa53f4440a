"""What a run says of itself: how it was made, on what, and what to beware of. A manifest may lack any member."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from twinshop.lab.report.numbers import gibibytes, moment, plural, seconds
from twinshop.lab.results.trial import Trial

BUSY = 0.5
ENOUGH = 16
"""Digits of a hash that are shown; all of them are in `run.json`."""
EFFORTS = {
    "smoke": "This run only proves that the lab works: its trials are too short and too few for any figure to be used.",
    "quick": ("This is a quick run: it shows large effects and cannot resolve small ones. A full run has more blocks."),
}
Facts = list[tuple[str, str]]


def cautions(manifest: Mapping[str, Any], trials: Sequence[Trial]) -> list[str]:
    """What a reader must know before the first number."""
    machine = manifest.get("machine", {})
    told = []
    if (state := manifest.get("state", "complete")) != "complete":
        done = (
            f"{len(trials)} of {manifest['planned']} trials" if "planned" in manifest else plural(len(trials), "trial")
        )
        told.append(f"This run is {state}: {done} were made.")
    if manifest.get("effort") in EFFORTS:
        told.append(EFFORTS[manifest["effort"]])
    if machine.get("changed"):
        told.append("The code had changes that were not committed.")
    if machine.get("cores") == 1:
        told.append("The machine has one processor: the shop and the load generator shared it.")
    if (load := machine.get("load_before", [0.0])[0]) > BUSY:
        told.append(f"The machine was busy before the run began: its load average was {load:.1f}.")
    if len(machines := {each.get("machine_name", "") for each in manifest.get("sittings", ())}) > 1:
        told.append(
            f"The run was made on {len(machines)} machines. Arms are compared within a block, that is on one of them."
        )
    if manifest.get("runtime_missing"):
        told.append(str(manifest["runtime_missing"]))
    return told


def run_facts(manifest: Mapping[str, Any]) -> Facts:
    """How the run was made."""
    return _known(
        ("Run", manifest.get("run")),
        ("Began", moment(manifest["began"]) if manifest.get("began") else None),
        ("Took", _took(manifest)),
        ("Effort", manifest.get("effort")),
        ("Experiments", ", ".join(manifest.get("experiments", ()))),
        ("Runtimes", ", ".join(manifest.get("runtimes", ()))),
        ("Blocks", ", ".join(manifest.get("repeats") or ()) or "as many as the effort has"),
        ("Blocks were added until", _until(manifest)),
        ("Sittings", len(manifest.get("sittings", ())) if len(manifest.get("sittings", ())) > 1 else None),
        ("Options", ", ".join(f"{name}={value}" for name, value in manifest.get("options", {}).items())),
        ("Seed", manifest.get("seed")),
        ("Order of the arms", manifest.get("order", "drawn separately for each block") if "seed" in manifest else None),
    )


def machine_facts(manifest: Mapping[str, Any]) -> Facts:
    """What it was made on."""
    machine = manifest.get("machine", {})
    memory = machine.get("memory_bytes")
    cores = machine.get("cores")
    return _known(
        ("Processor", machine.get("processor")),
        ("Processors used", cores),
        ("Memory", gibibytes(memory) if memory else None),
        ("Swap", gibibytes(machine["swap_bytes"]) if machine.get("swap_bytes") else None),
        ("Virtual machine", machine.get("virtual")),
        ("Frequency governor", machine.get("governor")),
        ("Kernel", machine.get("kernel")),
        ("Control groups", f"version {machine['cgroup']}" if machine.get("cgroup") else None),
        ("Load average before", ", ".join(f"{load:.2f}" for load in machine.get("load_before", ()))),
    )


def software_facts(manifest: Mapping[str, Any]) -> Facts:
    """What it was made from."""
    machine = manifest.get("machine", {})
    docker = machine.get("docker") or {}
    return _known(
        ("Commit", machine.get("commit")),
        ("Shop's code, SHA-256", machine.get("code_sha256", "")[:ENOUGH]),
        ("Lock file, SHA-256", machine.get("lock_sha256", "")[:ENOUGH]),
        ("Python", machine.get("python")),
        ("Docker", ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in docker.items())),
        ("Packages", ", ".join(f"{name} {version}" for name, version in machine.get("packages", {}).items())),
    )


def commands(manifest: Mapping[str, Any]) -> list[str]:
    """Return the commands that repeat the run at its own commit, where the program may still be called `lab`."""
    run = ["uv", "run", manifest.get("program", "lab"), "run", *manifest.get("experiments", ())]
    if manifest.get("effort"):
        run += ["--effort", manifest["effort"]]
    if len(runtimes := manifest.get("runtimes", ())) == 1:
        run += ["--runtime", *runtimes]
    for repeats in manifest.get("repeats") or ():
        run += ["--repeats", repeats]
    for name, value in manifest.get("options", {}).items():
        run += ["--set", f"{name}={value}"]
    if manifest.get("seed") is not None:
        run += ["--seed", str(manifest["seed"])]
    commit = manifest.get("machine", {}).get("commit")
    return [*([f"git checkout {shlex.quote(commit)}"] if commit else []), "make install", shlex.join(map(str, run))]


def factors(trial: Trial) -> str:
    """What was set besides the arm, in words."""
    pairs = trial.spec.factors.items()
    return ", ".join(f"{name} {f'{value:g}' if isinstance(value, float) else value}" for name, value in pairs)


def _until(manifest: Mapping[str, Any]) -> str | None:
    until = manifest.get("until")
    if not until:
        return None
    looks = ", ".join(map(str, until["looks"]))
    return (
        f"each main effect was clear or its interval narrower than {until['width']:.0%}, looked at after {looks} "
        f"blocks; all intervals and p-values allow for {len(until['looks'])} looks"
    )


def _took(manifest: Mapping[str, Any]) -> str | None:
    try:
        took = datetime.fromisoformat(manifest["ended"]) - datetime.fromisoformat(manifest["began"])
    except (KeyError, ValueError):
        return None
    return seconds(took.total_seconds())


def _known(*facts: tuple[str, object]) -> Facts:
    return [(name, str(value)) for name, value in facts if value not in (None, "")]
