"""
A run: a folder under `results/` with everything needed to read, check and repeat it.

    run.json       what was asked for, on which machine, from which commit, in which order, with which seed
    trials.jsonl   one line for each trial, appended as soon as it has ended
    skipped.jsonl  what could not be measured here, and why
    trials/<id>/   what each trial kept: loads, logs
    report.html    made from the files above alone, and made again by `twinshop report`
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twinshop.lab.errors import UsageError
from twinshop.lab.results.trial import Trial

FORMAT = 1
"""Of the files; a reader refuses what is newer."""
LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Run:
    """It holds no open file: every trial is on the disk when `keep` returns."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    def manifest(self) -> dict[str, Any]:
        try:
            manifest: dict[str, Any] = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{self.folder} is not a run: {error}") from error
        if manifest.get("format", FORMAT) > FORMAT:
            raise UsageError(f"{self.folder} was written by a newer version of the lab: update this one.")
        return manifest

    def describe(self, **members: Any) -> None:  # noqa: ANN401 - JSON
        """Add members to the manifest, or replace them."""
        file = self.folder / "run.json"
        known = self.manifest() if file.exists() else {"format": FORMAT, "run": self.name}
        new = file.with_suffix(".new")
        new.write_text(json.dumps({**known, **members}, indent=1) + "\n", encoding="utf-8")
        new.replace(file)

    def trial_folder(self, trial_id: str) -> Path:
        folder = self.folder / "trials" / trial_id
        folder.mkdir(parents=True)
        return folder

    def keep(self, trial: Trial) -> None:
        self._append("trials.jsonl", trial.as_json())

    def keep_skipped(self, experiment: str, reason: str) -> None:
        self._append("skipped.jsonl", {"experiment": experiment, "reason": reason})

    def trials(self) -> list[Trial]:
        """Return the trials in the order in which they ran."""
        return [Trial.from_json(row) for row in self._rows("trials.jsonl")]

    def skipped(self, experiment: str) -> list[str]:
        """Return the reasons, without duplicates."""
        rows = (row["reason"] for row in self._rows("skipped.jsonl") if row["experiment"] == experiment)
        return list(dict.fromkeys(rows))

    def _append(self, name: str, row: dict[str, Any]) -> None:
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def _rows(self, name: str) -> list[dict[str, Any]]:
        """A last line that was cut off (the machine stopped) does not count."""
        file = self.folder / name
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        return [json.loads(line) for line in text.split("\n")[:-1]]


def new_run(root: Path, name: str) -> Run:
    """`results/<time>-<name>/`, and the link `results/latest` to it."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}", name):
        raise UsageError(f"invalid run name '{name}': use lower-case letters, digits and dashes")
    results = root / "results"
    folder = results / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{name}"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"{folder} could not be created: {error.strerror}.") from error
    link = results / LATEST
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    return Run(folder)


def find_run(root: Path, text: str) -> Run:
    """Return the run named by a path, by a name under `results/` or the start of one, or by `latest`."""
    for folder in (Path(text), root / "results" / text):
        if (folder / "run.json").is_file():
            return Run(folder.resolve())
    begin = [run for run in all_runs(root) if run.name.startswith(text)]
    if len(begin) == 1:
        return begin[0]
    if begin:
        raise UsageError(f"`{text}` is ambiguous: it matches {', '.join(run.name for run in begin)}.")
    known = ", ".join(run.name for run in all_runs(root)) or "none yet; `make lab-quick` creates one"
    raise UsageError(f"unknown run '{text}'. Available: {known}.")


def all_runs(root: Path) -> Sequence[Run]:
    """Oldest first."""
    files = (root / "results").glob("*/run.json")
    return [Run(file.parent) for file in sorted(files) if not file.parent.is_symlink()]
