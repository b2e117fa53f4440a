"""Errors of a run that were found later, stored as `errata.json` beside its data."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from twinshop.lab.errors import UsageError

FILE = "errata.json"


@dataclass(frozen=True, slots=True)
class Erratum:
    """
    A known error of a run.

    Attributes:
        title: what is wrong, in a sentence.
        text: how it was found, and what became of the numbers.
        concerns: names of experiments.
        withdraws: figures of these experiments on which no verdict is given any more.
        only: the runtime to which that is limited; empty: all.
    """

    title: str
    text: str
    concerns: Sequence[str]
    withdraws: Sequence[str] = ()
    only: str = ""


def read_errata(folder: Path) -> list[Erratum]:
    """
    Return the errata of the run in a folder; none if there is no such file.

    Raises:
        LabError: the file has another form.
    """
    file = folder / FILE
    if not file.is_file():
        return []
    try:
        return [Erratum(**each) for each in json.loads(file.read_text(encoding="utf-8"))]
    except (TypeError, ValueError) as error:
        raise UsageError(f"{file} is not a list of errata: {error}") from error
