"""
A plot as files, and as a part of the page.

Matplotlib's SVG is written for a file of its own: its ids and styles would meet those of the other plots on a page, its
colours fit one ground only. The page's version has ids of its own, colours that follow the page (`--p-<tone>`, one for
each of `TONES`), the page's font, and coordinates to a hundredth of a point. The same plot gives the same bytes.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import matplotlib as mpl
from matplotlib.figure import Figure

from twinshop.lab.report import style
from twinshop.lab.report.tones import TONES

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
TONE_OF = {pair[0]: tone.replace(" ", "-") for tone, pair in TONES.items()}
COLOUR = re.compile(r"#[0-9a-f]{6}")
FAMILY = re.compile(r"'DejaVu Sans'[^;]*")
NUMBER = re.compile(r"-?\d+\.\d{3,}")
REFERENCE = re.compile(r"url\(#([^)]+)\)")
JOINTS = "stroke-linejoin:round;stroke-linecap:butt"


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    A plot in all its forms.

    Attributes:
        svg, png: files of their own, for a light ground.
        wide, narrow: for the page, and for the page on a phone.
    """

    svg: bytes
    png: bytes
    wide: str
    narrow: str


def draw(name: str, make: Callable[[], Figure]) -> Drawn:
    """Draw a plot; `name` makes its ids unique on the page."""
    with style.look():
        figure = make()
        svg, png = _file(figure, "svg", name), _file(figure, "png", name)
    with style.look(narrow=True):
        small = _file(make(), "svg", name)
    return Drawn(svg, png, for_page(svg, name, "wide"), for_page(small, name, "narrow"))


def _file(figure: Figure, kind: str, name: str) -> bytes:
    file = io.BytesIO()
    metadata: dict[str, None] = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(file, format=kind, metadata=metadata)
    return file.getvalue()


def for_page(svg: bytes, name: str, version: str) -> str:
    """
    The `<svg>` element for a page on which its caption has the id `p_<name>_caption`.

    Args:
        svg: as Matplotlib wrote it.
        name: of the plot; it has no underscore, so that no two plots can have one id.
        version: of the plot; all ids begin with `p_<name>_<version>_`.
    """
    root = ET.fromstring(svg)  # noqa: S314 - Matplotlib's own
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{{{SVG}}}metadata", f"{{{SVG}}}style"}:
                parent.remove(child)
    used = set(REFERENCE.findall(svg.decode())) | set(re.findall(r'href="#([^"]+)"', svg.decode()))
    for element in root.iter():
        _rewrite(element, f"p_{name}_{version}_", used)
    caption = f"p_{name}_caption"
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-labelledby": caption, "style": JOINTS}
    return re.sub(r">\s+<", "><", ET.tostring(root, encoding="unicode"))


def _rewrite(element: "ET.Element[str]", begin: str, used: set[str]) -> None:
    element.tag = element.tag.removeprefix(f"{{{SVG}}}")
    kept: dict[str, str] = {}
    for key, value in element.attrib.items():
        if key == "id":
            if value in used:
                kept["id"] = f"{begin}{value}"
        elif key == f"{{{XLINK}}}href":
            kept["href"] = f"#{begin}{value.removeprefix('#')}"
        elif key in {"d", "x", "y"}:
            kept[key] = NUMBER.sub(lambda found: f"{float(found[0]):.2f}", value)
        else:
            kept[key] = FAMILY.sub("var(--plot-font)", COLOUR.sub(_tone, REFERENCE.sub(rf"url(#{begin}\1)", value)))
    element.attrib = kept


def _tone(found: re.Match[str]) -> str:
    """A colour that is none of the style's own stays what it is."""
    tone = TONE_OF.get(found[0])
    return f"var(--p-{tone})" if tone else found[0]


def colours() -> str:
    """CSS: the colours of plots, for a light and a dark page."""
    pairs = (f"--p-{TONE_OF[light]}:light-dark({light},{dark})" for light, dark in TONES.values())
    return ":root{" + ";".join(pairs) + "}"
