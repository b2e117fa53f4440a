"""The colours of all plots: pairs, for a light and a dark page."""

from collections.abc import Mapping

TONES: Mapping[str, tuple[str, str]] = {
    "ground": ("#fefefe", "#172224"),
    "ink": ("#15292b", "#e6efed"),
    "muted": ("#4f6062", "#a9b8b6"),
    "line": ("#dbe2e1", "#334244"),
    "fault": ("#fbe3df", "#4a2725"),
    "alarm": ("#b3261e", "#ff9b92"),
    "mono": ("#0060a8", "#6db8f2"),
    "micro": ("#b34700", "#ff9d5c"),
    "green": ("#14785a", "#5fd3a4"),
    "purple": ("#83409a", "#d79be6"),
    "ochre": ("#806600", "#e3c34a"),
    "slate": ("#5a6570", "#aab6c2"),
    "heat0": ("#f1f6f5", "#203032"),
    "heat1": ("#f1eae2", "#373331"),
    "heat2": ("#f2dfd0", "#4e372f"),
    "heat3": ("#f2d3bd", "#653a2e"),
    "heat4": ("#f0ba95", "#7c3e2c"),
    "heat5": ("#eda06d", "#93412b"),
    "heat6": ("#b04a2a", "#cc8467"),
    "heat7": ("#a13c23", "#d99b80"),
    "heat8": ("#922f1c", "#e6b29a"),
    "heat9": ("#832114", "#f2c9b4"),
    "heat10": ("#74130d", "#ffe0cd"),
    "on cool": ("#16292b", "#e6f0ed"),
    "on hot": ("#fffffe", "#1a1013"),
}
"""
Name to colour on a light and on a dark page; the light ones are all different.

`heat0` to `heat10` are the steps of heat maps; up to `heat5` the text on them is `on cool`, from then on `on hot`.
"""


def light(tone: str) -> str:
    """The colour to draw with; the report replaces it (`twinshop.lab.report.svg`)."""
    return TONES[tone][0]
