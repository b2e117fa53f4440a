"""What every experiment is: a question, trials in blocks, and a section of the report made from their records alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from twinshop.lab.environments.protocol import Runtime
from twinshop.lab.results.trial import Outcome, Spec, Trial

if TYPE_CHECKING:  # SciPy and Matplotlib take seconds, and `twinshop run --help` needs neither
    from twinshop.lab.measurement.bench import Bench
    from twinshop.lab.report.section import Section

Effort = Literal["smoke", "quick", "full"]
"""How much is measured: `smoke` proves that it works, `quick` shows the effect, `full` stands up to a reviewer."""


@dataclass(frozen=True, slots=True)
class Request:
    """
    What the user asked for.

    Attributes:
        runtimes: those that can be used here, at least one, `docker` first; or `cluster` alone.
        repeats: blocks (starts, in the startup experiment) instead of the effort's own number.
        options: of single experiments, by `<experiment>.<option>`: see `Options.of`.
    """

    effort: Effort
    runtimes: tuple[Runtime, ...]
    repeats: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)


class Experiment(Protocol):
    """One question. Its module is `twinshop.lab.experiments.<name>`."""

    @property
    def name(self) -> str:
        """As on the command line."""

    @property
    def question(self) -> str:
        """One sentence."""

    def plan(self, request: Request) -> Sequence[Spec]:
        """
        All trials, in any order: the runner balances the order of the arms in the blocks, and shuffles the blocks.

        Raises:
            LabError: an option is wrong.
        """

    def expected_seconds(self, spec: Spec, request: Request) -> float:
        """About how long this trial takes, for the forecast."""

    def run(self, spec: Spec, request: Request, bench: "Bench") -> Outcome:
        """
        Run one trial. Whatever it started is stopped when this returns or raises (KeyboardInterrupt too).

        Raises:
            Unsupported: this machine cannot do it; the reason goes into the report.
        """

    def section(self, trials: Sequence[Trial], skipped: Sequence[str]) -> "Section":
        """
        Its part of the report, from the records alone (valid and void ones; perhaps very few).

        An experiment that compares its trials with those of others names these in `also_reads`, and gets both.
        """
