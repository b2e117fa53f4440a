"""The page: made from a run's manifest, its trials, and what its experiments say of them."""

import csv
import io
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from twinshop.lab.report import checks, compared, facts, numbers, svg
from twinshop.lab.report.plots import forest
from twinshop.lab.report.section import Plot, Section, Table
from twinshop.lab.results.errata import Erratum
from twinshop.lab.results.trial import Trial
from twinshop.lab.statistics.intervals import CONFIDENCE
from twinshop.lab.statistics.order import SUSPICIOUS, OrderEffect, order_effect

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NUMERIC = re.compile(r"[-+\N{MINUS SIGN}±≤≥~]?\d[\d,.\s]*(%|[a-zA-Zµ/]{1,12})?|\N{EN DASH}|-|")
EFFECTS = "effects"
EFFECTS_CAPTION = (
    "The main effects with their 95 % intervals. Each is the microservices' figure divided by the monolith's, unless "
    "its name says otherwise. Blue circle: the monolith is better. Orange square: the microservices are better. Grey: "
    "no verdict, or other arms. Hollow: no interval. Shaded: within 5 % of equal."
)
FOLDERS = PLOTS, TABLES = "plots", "tables"
LONG_TABLE = 15
"""Rows; a longer table is folded."""
RAW = ("run.json", "trials.jsonl", "skipped.jsonl", "errata.json")
CLAIMS = {
    "holds": ("holds", "✓"),
    "does not hold": ("fails", "✗"),
    "in part": ("part", "◐"),
    "inconclusive": ("open", "?"),
    "not measured": ("none", "\N{EN DASH}"),
}


@dataclass(frozen=True, slots=True)
class _Part:
    """A section with all that the page adds to it."""

    section: Section
    compared: compared.Rows
    plots: list[tuple[Plot, str, str]]
    trials: int
    void: list[Trial]
    drifts: list[OrderEffect]


def make_report(
    folder: Path,
    manifest: Mapping[str, Any],
    trials: Sequence[Trial],
    sections: Sequence[Section],
    called: str | None = None,
    errata: Sequence[Erratum] = (),
) -> Path:
    """
    Write `report.html`, `plots/<name>.svg` and `.png`, `tables/<name>.csv`; those of an earlier report are replaced.

    The same data give the same bytes.

    Args:
        folder: of the run; the page links to the raw data in it.
        manifest: what `run.json` says.
        trials: all of them, void ones too.
        sections: in the order of the page.
        called: what `twinshop report` is told to find the run; by default the name in `run.json`.
        errata: what is known to be wrong with the run; the page begins with it.

    Returns:
        The page.

    Raises:
        ValueError: a name of a plot, table or section is twice there or no name for a file, or a table's rows differ in
            length.
    """
    plots = [plot for section in sections for plot in section.plots]
    if effects := [each for section in sections for each in section.effects]:
        plots.append(Plot(EFFECTS, EFFECTS_CAPTION, lambda: forest(effects)))
    tables = [table for section in sections for table in section.tables]
    _check([each.name for each in sections], "section")
    _check([*(plot.name for plot in plots), *(table.name for table in tables)], "plot or table")
    sheets = {f"{table.name}.csv": _csv(table) for table in tables}
    drawn = {plot.name: svg.draw(plot.name, plot.draw) for plot in plots}
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name, one in drawn.items():
        _write(folder / PLOTS / f"{name}.svg", one.svg)
        _write(folder / PLOTS / f"{name}.png", one.png)
    for name, sheet in sheets.items():
        _write(folder / TABLES / name, sheet)
    page = folder / "report.html"
    parts = [_part(each, trials, drawn) for each in sections]
    _write(page, _render(folder, manifest, trials, parts, drawn.get(EFFECTS), called, errata))
    return page


def _part(section: Section, trials: Sequence[Trial], drawn: Mapping[str, svg.Drawn]) -> _Part:
    own = [trial for trial in trials if trial.spec.experiment == section.name]
    figures = dict.fromkeys(each.figure for _, each in section.comparisons)
    return _Part(
        section,
        compared.table(section.comparisons),
        [(plot, drawn[plot.name].wide, drawn[plot.name].narrow) for plot in section.plots],
        len(own),
        [trial for trial in own if not trial.valid],
        [order_effect(own, figure) for figure in figures],
    )


def _render(
    folder: Path,
    manifest: Mapping[str, Any],
    trials: Sequence[Trial],
    parts: Sequence[_Part],
    effects: svg.Drawn | None,
    called: str | None,
    errata: Sequence[Erratum],
) -> bytes:
    environment = Environment(
        loader=PackageLoader("twinshop.lab.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "three": numbers.three_digits,
        "unbroken": numbers.unbroken,
        "plural": numbers.plural,
        "seconds": numbers.seconds,
        "factors": facts.factors,
    }
    environment.tests["numeric"] = lambda text: NUMERIC.fullmatch(str(text)) is not None
    sections = [part.section for part in parts]
    comparisons = [(part.section.name, words, each) for part in parts for words, each in part.section.comparisons]
    html = environment.get_template("report.html").render(
        manifest=manifest,
        trials=trials,
        parts=parts,
        claims=[(part.section, claim, *CLAIMS[claim.verdict]) for part in parts for claim in part.section.claims],
        comparisons=len(comparisons),
        missed=len(comparisons) * (1 - CONFIDENCE),
        errata=errata,
        checks=checks.rows(sections),
        tested=sum(claim.p is not None for section in sections for claim in section.claims),
        drifts=[(part.section.name, drift) for part in parts for drift in part.drifts if drift.known],
        drifts_unknown=sum(not drift.known for part in parts for drift in part.drifts),
        suspicious=SUSPICIOUS,
        effects=effects,
        effects_name=EFFECTS,
        effects_caption=EFFECTS_CAPTION,
        cautions=facts.cautions(manifest, trials),
        check_cautions=checks.cautions(sections, trials),
        run_facts=facts.run_facts(manifest),
        machine_facts=facts.machine_facts(manifest),
        software_facts=facts.software_facts(manifest),
        commands=facts.commands(manifest),
        called=called or manifest.get("run", "RUN"),
        moment=numbers.moment(str(manifest.get("began", ""))),
        raw=[name for name in RAW if (folder / name).is_file()],
        kept={trial.id for trial in trials if (folder / "trials" / trial.id).is_dir()},
        long_table=LONG_TABLE,
        colours=svg.colours(),
    )
    return html.encode()


def _check(names: Iterable[str], what: str) -> None:
    known: set[str] = set()
    for name in names:
        if not NAME.fullmatch(name):
            raise ValueError(
                f"`{name}` is not a valid name of a {what}: use lower-case letters, digits and single dashes."
            )
        if name in known:
            raise ValueError(f"There are two with the name `{name}`; each {what} needs a unique name.")
        known.add(name)


def _csv(table: Table) -> bytes:
    if wrong := [row for row in table.rows if len(row) != len(table.header)]:
        raise ValueError(f"Table {table.name} has {len(table.header)} columns, and a row of {len(wrong[0])}.")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([table.header, *table.rows])
    return text.getvalue().encode()


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
