"""Names beside points, placed so that they can be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

PLACES = (
    ((7, 0), "left", "center"),
    ((-7, 0), "right", "center"),
    ((0, 7), "center", "bottom"),
    ((0, -7), "center", "top"),
    ((5, 5), "left", "bottom"),
    ((5, -5), "left", "top"),
    ((-5, -5), "right", "top"),
    ((-5, 5), "right", "bottom"),
    ((5, 16), "left", "bottom"),
    ((5, -16), "left", "top"),
    ((-5, -16), "right", "top"),
    ((-5, 16), "right", "bottom"),
)
"""Where a label may go: points from its own, and how it is aligned there. The first that is free is taken."""
POINT, LINE = 4.0, 1.5
"""Pixels around a point and a line that are to stay free."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text that belongs to a point of the axes."""

    x: float
    y: float
    text: str
    colour: str


def place(
    figure: Figure,
    axes: Axes,
    labels: Sequence[Label],
    points: Sequence[tuple[float, float]],
    lines: Sequence[tuple[tuple[float, float], tuple[float, float]]] = (),
) -> None:
    """
    Put each label where it covers the least of what is there; the first labels choose first.

    Args:
        figure: all else is drawn already, and the limits of the axes are final.
        axes: of the figure.
        labels: to be placed.
        points: not to be covered.
        lines: horizontal and vertical ones, from end to end, not to be covered.
    """
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    frame = axes.get_window_extent(renderer)
    spots = [axes.transData.transform(point) for point in points]
    covered = [Bbox.from_extents(left, low, left, low).padded(POINT) for left, low in spots]
    for line in lines:
        ends = [axes.transData.transform(end) for end in line]
        covered.append(Bbox(ends).padded(LINE) if ends[0][0] <= ends[1][0] else Bbox(ends[::-1]).padded(LINE))
    for label in labels:
        tried: list[tuple[float, Annotation, Bbox]] = []
        for offset, side, level in PLACES:
            text = axes.annotate(
                label.text,
                (label.x, label.y),
                offset,
                textcoords="offset points",
                ha=side,
                va=level,
                fontsize=8.5,
                color=label.colour,
            )
            text.set_in_layout(False)  # the axes stay where they are
            box = text.get_window_extent(renderer)
            tried.append((_hidden(box, covered, frame), text, box))
            if tried[-1][0] == 0:
                break
        _, chosen, box = min(tried, key=lambda each: each[0])
        for _, text, _ in tried:
            if text is not chosen:
                text.remove()
        covered.append(box)


def _hidden(box: Bbox, covered: Sequence[Bbox], frame: Bbox) -> float:
    """The area that covers something, or lies outside."""
    outside = box.width * box.height - _shared(box, frame)
    return outside + sum(_shared(box, other) for other in covered)


def _shared(one: Bbox, other: Bbox) -> float:
    both = Bbox.intersection(one, other)
    return both.width * both.height if both is not None else 0.0
