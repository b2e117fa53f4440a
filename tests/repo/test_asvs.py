"""The table of OWASP ASVS 5.0.0 has every requirement of levels 1 and 2, and names what exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
SECTIONS = {
    "1.1": "1-2", "1.2": "1-9", "1.3": "1-11", "1.4": "1-3", "1.5": "1-2",
    "2.1": "1-3", "2.2": "1-3", "2.3": "1-4", "2.4": "1",
    "3.2": "1-2", "3.3": "1-4", "3.4": "1-6", "3.5": "1-5", "3.7": "1-2",
    "4.1": "1-3", "4.2": "1", "4.3": "1-2", "4.4": "1-4",
    "5.1": "1", "5.2": "1-3", "5.3": "1-2", "5.4": "1-3",
    "7.1": "1-3", "7.2": "1-4", "7.3": "1-2", "7.4": "1-5", "7.5": "1-2", "7.6": "1-2",
    "8.1": "1-2", "8.2": "1-3", "8.3": "1", "8.4": "1",
    "9.1": "1-3", "9.2": "1-4",
    "11.1": "1-2", "11.2": "1-3", "11.3": "1-3", "11.4": "1-4", "11.5": "1", "11.6": "1",
    "12.1": "1-3", "12.2": "1-2", "12.3": "1-4",
    "13.1": "1", "13.2": "1-5", "13.3": "1-2", "13.4": "1-5",
    "14.1": "1-2", "14.2": "1-4", "14.3": "1-3",
    "15.1": "1-3", "15.2": "1-3", "15.3": "1-7",
    "16.1": "1", "16.2": "1-5", "16.3": "1-4", "16.4": "1-3", "16.5": "1-3",
}  # fmt: skip
"""The requirements of levels 1 and 2 in each section; V6, V10 and V17 do not apply as a whole."""
ROWS = re.findall(r"^\| (\d.*?) \| (.*?) \| (.*) \|$", TEXT, re.MULTILINE)


def test_each_requirement_is_in_the_table_once():
    wanted = []
    for section, numbers in SECTIONS.items():
        first, _, last = numbers.partition("-")
        wanted += [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]

    assert sorted(re.findall(r"\b\d+\.\d+\.\d+\b", " ".join(name for name, _, _ in ROWS))) == sorted(wanted)


def test_what_is_not_met_says_why_and_what_is_met_says_where():
    for name, state, where in ROWS:
        assert state.startswith(("met", "in part", "not met", "not applicable")), name
        assert where.strip(), name


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([\w./-]+/[\w./-]+)`", TEXT))))
def test_what_it_names_exists(path):
    assert (ROOT / path).exists() or path.startswith("/")
