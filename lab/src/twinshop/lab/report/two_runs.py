"""Two runs side by side: do the same comparisons come out the same, and what was different about the runs?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp, isnan, log, sqrt
from typing import Any

from twinshop.lab.report.family import CLEAR
from twinshop.lab.report.numbers import ratio, signed
from twinshop.lab.report.section import Compared, Section
from twinshop.lab.statistics.verdict import Comparison, Difference
from twinshop.lab.terminal import table

LEFT_OUT = {"run", "format", "state", "ended", "began", "expected_seconds", "planned"}
"""Members of a manifest in which any two runs differ, or that follow from others."""
LONGEST = 60
NOT_MEASURED = "not measured"
OPEN = "cannot tell"
"""A claim that is not clear in both runs is neither confirmed nor contradicted by either of them."""


@dataclass(frozen=True, slots=True)
class RunSections:
    """A run, and what its experiments say of it."""

    name: str
    manifest: Mapping[str, Any]
    sections: Sequence[Section]


@dataclass(frozen=True, slots=True)
class ComparedClaim:
    """A claim, and its verdict in each run."""

    section: str
    text: str
    a: str
    b: str
    finding: str = ""

    def __post_init__(self) -> None:
        clear = self.a in CLEAR and self.b in CLEAR
        object.__setattr__(self, "finding", OPEN if not clear else "agrees" if self.a == self.b else "differs")


def compare_runs(one: RunSections, other: RunSections) -> str:
    """
    Each claim with its verdicts, each comparison that both runs made, and in which settings and versions they differ.

    A claim agrees, or differs, only where both runs have a clear verdict on it.

    Two results are said to differ when the interval of their ratio (or difference) does not hold 1 (or 0); it is put
    together from the distances of both intervals' ends (the MOVER method, on logarithms for ratios). That they agree
    only says that no difference was seen.
    """
    known = dict(_comparisons(other))
    rows = [_row(key, each, known[key]) for key, each in _comparisons(one) if key in known]
    lines = [f"A: {one.name}", f"B: {other.name}", ""]
    if claims := claims_of(one, other):
        said = [(each.text, each.a, each.b, each.finding) for each in claims]
        lines += [
            table("Claims of the lecture, with their verdicts", ("", "A", "B", "B"), said),
            "",
            _summary(claims),
            "",
        ]
    if rows:
        lines.append(table("Comparisons with 95 % intervals", ("", "A", "B", "B against A", ""), rows))
    else:
        lines.append("The runs have no comparison in common.")
    only = [(key, "A") for key, _ in _comparisons(one) if key not in known]
    own = dict(_comparisons(one))
    only += [(key, "B") for key in known if key not in own]
    lines += ["", *(f"Only in {run}: {_name(key)}" for key, run in only)] if only else []
    lines += ["", *_settings(one.manifest, other.manifest)]
    return "\n".join(lines)


def as_json(one: RunSections, other: RunSections) -> dict[str, Any]:
    """Return the same for a program: comparisons of both runs, comparisons of one alone, and settings that differ."""
    known, own = dict(_comparisons(other)), dict(_comparisons(one))
    members = ("value", "low", "high")
    shared = [
        {
            "section": key[0],
            "words": key[1],
            "arms": key[2],
            "kind": each.kind,
            "a": dict(zip(members, _ends(each), strict=True)),
            "b": dict(zip(members, _ends(known[key]), strict=True)),
            "b_against_a": dict(zip(members, agreement(each, known[key]), strict=True)),
            "finding": _finding(each, known[key]),
        }
        for key, each in own.items()
        if key in known
    ]
    return {
        "a": one.name,
        "b": other.name,
        "claims": [asdict(each) for each in claims_of(one, other)],
        "comparisons": shared,
        "only_in_a": [_name(key) for key in own if key not in known],
        "only_in_b": [_name(key) for key in known if key not in own],
        "settings": [
            {"name": name, "a": first, "b": second} for name, first, second in _differing(one.manifest, other.manifest)
        ],
    }


def claims_of(one: RunSections, other: RunSections) -> list[ComparedClaim]:
    """Return every claim of either run; those of A come first, in the order of its report."""
    first, second = _verdicts(one), _verdicts(other)
    return [
        ComparedClaim(*key, first.get(key, NOT_MEASURED), second.get(key, NOT_MEASURED)) for key in {**first, **second}
    ]


def _verdicts(run: RunSections) -> dict[tuple[str, str], str]:
    return {(section.name, claim.text): claim.verdict for section in run.sections for claim in section.claims}


def _summary(claims: Sequence[ComparedClaim]) -> str:
    found = [each.finding for each in claims]
    counted = ", ".join(f"{found.count(finding)} {finding}" for finding in dict.fromkeys(("agrees", "differs", OPEN)))
    return f"Of {len(claims)} claims: {counted}."


def agreement(one: Compared, other: Compared) -> tuple[float, float, float]:
    """B / A of two ratios, or B - A of two differences, with its interval; NaN where a run has none."""
    if isinstance(one, Comparison) and isinstance(other, Comparison):
        logs = ((log(each.ratio), log(each.low), log(each.high)) for each in (one, other))
        value, low, high = _mover(*logs)
        return exp(value), exp(low), exp(high)
    if isinstance(one, Difference) and isinstance(other, Difference):
        return _mover((one.value, one.low, one.high), (other.value, other.low, other.high))
    raise TypeError("A ratio and a difference cannot be compared.")


def _mover(one: tuple[float, float, float], other: tuple[float, float, float]) -> tuple[float, float, float]:
    (first, first_low, first_high), (second, second_low, second_high) = one, other
    value = second - first
    low = value - sqrt((second - second_low) ** 2 + (first_high - first) ** 2)
    high = value + sqrt((second_high - second) ** 2 + (first - first_low) ** 2)
    return value, low, high


Key = tuple[str, str, str, type[Compared]]


def _comparisons(run: RunSections) -> Iterator[tuple[Key, Compared]]:
    for section in run.sections:
        for words, each in section.comparisons:
            yield (section.name, words, f"{each.other} against {each.baseline}", type(each)), each


def _name(key: Key) -> str:
    section, words, arms, _ = key
    return f"{section}: {words} ({arms})"


def _row(key: Key, one: Compared, other: Compared) -> tuple[str, ...]:
    value, low, high = agreement(one, other)
    write = ratio if isinstance(one, Comparison) else signed
    ends = [_with_interval(write, *each) for each in (_ends(one), _ends(other), (value, low, high))]
    return (_name(key), *ends, _finding(one, other))


def _finding(one: Compared, other: Compared) -> str:
    _, low, high = agreement(one, other)
    if isnan(low) or isnan(high):
        return "too few blocks to tell"
    return "they agree" if low <= (1.0 if isinstance(one, Comparison) else 0.0) <= high else "they differ"


def _ends(each: Compared) -> tuple[float, float, float]:
    return each.value, each.low, each.high


def _with_interval(write: Any, value: float, low: float, high: float) -> str:  # noqa: ANN401 - a function
    return write(value) if isnan(low) else f"{write(value)} [{write(low)}, {write(high)}]"


def _settings(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    differing = _differing(one, other)
    if not differing:
        return ["Both runs have the same settings, code, versions and kind of machine."]
    code = one.get("machine", {}).get("code_sha256")
    same = code is not None and code == other.get("machine", {}).get("code_sha256")
    lines = [f"  {name}: {_short(first)} | {_short(second)}" for name, first, second in differing]
    return ["What was different", *lines, *(["The code of the shop is the same in both."] if same else [])]


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[str, str | None, str | None]]:
    flat, also = dict(_flat(one)), dict(_flat(other))
    return [(name, flat.get(name), also.get(name)) for name in {**flat, **also} if flat.get(name) != also.get(name)]


def _flat(values: Mapping[str, Any], begin: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if name in LEFT_OUT or name == "load_before":
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, f"{begin}{name}.")
        else:
            yield f"{begin}{name}", ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _short(value: str | None) -> str:
    if value is None:
        return "-"
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}..."
