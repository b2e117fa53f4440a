"""Colours and numbers: what can be told without looking."""

import math
import re

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from twinshop.lab.report import compared, style, svg
from twinshop.lab.report.numbers import moment, ratio, seconds, signed, three_digits
from twinshop.lab.report.plots import ecdf, forest, heat_map, phases, timelines
from twinshop.lab.statistics.verdict import Comparison, Difference

SIGHT = {
    "usual": np.eye(3),
    "no red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no blue cones": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""How linear colours are seen, after Machado, Oliveira and Fernandes."""


def linear(colour):
    values = np.array(to_rgb(colour))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def seen(colour, sight):
    """In a space (OKLab) in which distances are those that people see; black to white is 1."""
    cones = np.array(
        [[0.41222147, 0.53633254, 0.05144599], [0.2119035, 0.6806995, 0.10739696], [0.08830246, 0.28171884, 0.6299787]]
    )
    lab = np.array(
        [
            [0.21045426, 0.79361778, -0.00407205],
            [1.9779985, -2.42859221, 0.45059371],
            [0.02590404, 0.78277177, -0.80867577],
        ]
    )
    return lab @ np.cbrt(np.clip(cones @ (SIGHT[sight] @ linear(colour)), 0, None))


@pytest.mark.parametrize("page", [0, 1])
def test_text_and_marks_stand_out_from_their_ground_in_both_schemes(page):
    tones = {name: pair[page] for name, pair in style.TONES.items()}

    for name in ("ink", "muted", "alarm", "mono", "micro", "green", "purple", "ochre", "slate"):
        assert contrast(tones[name], tones["ground"]) >= 4.5, name
    for step in range(11):
        text = "on cool" if step < 6 else "on hot"
        assert contrast(tones[f"heat{step}"], tones[text]) >= 4.5, step


@pytest.mark.parametrize("page", [0, 1])
@pytest.mark.parametrize("sight", SIGHT)
def test_both_shapes_are_told_apart_by_everyone(page, sight):
    mono, micro = (seen(style.TONES[name][page], sight) for name in ("mono", "micro"))

    assert np.linalg.norm(mono - micro) >= 0.08


@pytest.mark.parametrize("page", [0, 1])
def test_the_steps_of_a_heat_map_go_one_way(page):
    lightness = [seen(style.TONES[f"heat{step}"][page], "usual")[0] for step in range(11)]

    assert lightness == sorted(lightness, reverse=page == 0)


def test_every_light_colour_is_its_own():
    lights = [light for light, _ in style.TONES.values()]

    assert len(set(lights)) == len(lights)


def test_an_arm_looks_the_same_in_every_plot():
    alone, among = style.arm("micro"), style.arm("micro", ["mono", "micro", "translate out"])

    assert alone == among
    assert style.arm("mono again").colour == style.arm("mono").colour
    assert style.arm("mono again") != style.arm("mono")


def test_arms_of_one_plot_look_different():
    names = ["mono", "micro", "mono again", "mono x2", "micro, hot grown", "translate out", "cart out", "all", "none"]
    looks = [style.arm(name, names) for name in names]

    assert len(set(looks)) == len(looks)
    assert len({look.marker + str(look.hollow) for look in looks}) == len(looks)


def test_the_page_s_drawing_has_no_colour_or_font_or_id_of_its_own():
    drawn = svg.draw("name", lambda: phases({"a": {"x": 1.0, "y": 2.0}}, x="seconds"))

    for part in (drawn.wide, drawn.narrow):
        assert not re.search(r"#[0-9a-f]{6}\b", part)
        assert "DejaVu" not in part
        assert all(found.startswith("p_name_") for found in re.findall(r'\bid="([^"]+)"', part))
    assert "DejaVu" in drawn.svg.decode()


def test_a_drawing_for_a_phone_is_narrower_and_not_smaller():
    drawn = svg.draw("name", lambda: ecdf({"mono": [1, 2, 3]}, x="s"))
    wide, narrow = (float(re.search(r'viewBox="0 0 (\S+)', part)[1]) for part in (drawn.wide, drawn.narrow))

    assert narrow == wide / 2
    for part in (drawn.wide, drawn.narrow):
        assert "font-size: 8.5px" in part


def test_a_heat_map_writes_every_number_and_a_dash_for_none():
    figure = heat_map({"mono": [[0.0, math.nan]], "micro": [[1.0, 0.25]]}, rows=["a"], columns=["x", "y"])

    assert [text.get_text() for axes in figure.axes for text in axes.texts] == ["0%", "\u2013", "100%", "25%"]
    first, last = figure.axes[0].patches[0], figure.axes[1].patches[0]
    assert first.get_facecolor()[:3] == to_rgb(style.light("heat0"))
    assert last.get_facecolor()[:3] == to_rgb(style.light("heat10"))
    with pytest.raises(ValueError, match="Panel mono is not 2 rows of 1"):
        heat_map({"mono": [[0.0]]}, rows=["a", "b"], columns=["x"])


def test_a_timeline_shows_median_and_range_and_bears_gaps_and_blocks_of_other_length():
    figure = timelines({"all": {"mono": [[1.0, math.nan, 5.0], [3.0, math.nan]]}}, y="good/s", fault=(1, 2), start=-1)

    (line,) = figure.axes[0].lines
    assert line.get_xdata().tolist() == [-1, 0, 1]
    assert np.array_equal(line.get_ydata(), [2.0, np.nan, 5.0], equal_nan=True)


def test_an_ecdf_ends_at_one_and_has_its_steps_at_the_values():
    (line,) = ecdf({"mono": [2.0, 1.0]}, x="s").axes[0].lines

    assert list(zip(line.get_xdata(), line.get_ydata(), strict=True)) == [(1, 0), (1, 0.5), (2, 1)]


def comparison(ratio, low, high, other="micro"):
    return Comparison("x_s", "mono", other, ratio, low, high, 5, smaller_is_better=True, method="t")


def test_a_forest_draws_each_as_the_arm_that_is_better():
    nan = math.nan
    rows = [("a", comparison(2, 1.5, 3)), ("b", comparison(0.5, 0.4, 0.6)), ("c", comparison(1.2, nan, nan)),
            ("d", comparison(nan, nan, nan))]  # fmt: skip

    axes = forest(rows).axes[0]

    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "c"]
    points = [line for line in axes.lines if line.get_marker() in "osD"]
    assert [point.get_color() for point in points] == [style.light(tone) for tone in ("mono", "micro", "slate")]


def test_the_small_pictures_of_a_table_share_one_axis_with_one_in_the_middle():
    table = compared.table([("a", comparison(2, 1, 4)), ("b", comparison(0.5, math.nan, math.nan))])

    first, second = (row.picture for row in table.rows)
    assert first.ratio - 50 == pytest.approx(50 - second.ratio, abs=0.02)
    assert (first.low, second.low) == (50, None)
    assert first.high - 50 == pytest.approx(2 * (first.ratio - 50), abs=0.02)
    assert first.high <= 100


def test_a_very_long_interval_does_not_make_all_others_points():
    table = compared.table([("a", comparison(2, 1.5, 2.7)), ("b", comparison(1.1, 1e-4, 1e4))])

    first, second = (row.picture for row in table.rows)
    assert (second.low, second.high) == (0, 100)
    assert first.high - first.low > 15
    low, high = forest([("a", comparison(2, 1.5, 2.7)), ("b", comparison(1.1, 1e-4, 1e4))]).axes[0].get_xlim()
    assert (low, high) == pytest.approx((0.3, 6))


def test_what_all_comparisons_have_in_common_is_said_once():
    table = compared.table([("a", comparison(2, 1, 4)), ("b", comparison(3, 2, 4, other="cart out"))])

    assert table.common == ("less is better", "Student's t")
    assert [row.notes for row in table.rows] == [("micro ÷ mono",), ("cart out ÷ mono",)]


@pytest.mark.parametrize(
    ("each", "kind"),
    [
        (comparison(2, 1.5, 3), "for-mono"),
        (comparison(0.5, 0.4, 0.6), "for-micro"),
        (comparison(0.5, 0.4, 0.6, other="translate out"), "for-another"),
        (comparison(1.0, 0.99, 1.01), "equivalent"),
        (comparison(1.0, 0.8, 1.3), "inconclusive"),
        (comparison(1.0, 0.97, 1.03, other="mono again"), "equivalent"),
        (comparison(1.0, 0.8, 1.3, other="mono again"), "inconclusive"),
        (comparison(1.2, 1.1, 1.3, other="mono again"), "noise"),
        (comparison(1.2, math.nan, math.nan, other="mono again"), "inconclusive"),
        (Difference("lost", "mono", "micro", -3, -4, -2, 5, smaller_is_better=True), "for-micro"),
    ],
)
def test_a_verdict_has_the_colour_of_the_arm_that_is_better(each, kind):
    assert compared.kind(each) == kind


def test_numbers_are_written_with_three_digits():
    values = [1.694, 12.34, 123.4, 1234.5, 0.04101, 0, -2.5, 0.00001234, math.nan]

    assert [three_digits(each) for each in values] == [
        "1.69", "12.3", "123", "1,234", "0.0410", "0", "\u22122.50", "1.2e-05", "\u2013",
    ]  # fmt: skip
    assert [ratio(each) for each in (1.5, 12.34, 123.4, math.nan)] == ["1.50", "12.3", "123", "\u2013"]
    assert [signed(each) for each in (3, -3, 0)] == ["+3.00", "\u22123.00", "0"]


def test_times_are_written_for_people():
    assert [seconds(each) for each in (45, 720, 7500)] == ["45\xa0s", "12\xa0min", "2\xa0h\xa005\xa0min"]
    assert moment("2026-03-01T10:15:00+00:00") == "1 March 2026, 10:15 UTC"
    assert moment("") == ""
