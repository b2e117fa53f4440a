"""What a class predicted, what was measured, and the sentence with the reason."""

import pytest

from twinshop.lab.control.runs import Run, measured, result
from twinshop.lab.control.visits import Visit
from twinshop.lab.load.record import GOOD
from twinshop.lab.shapes import MICRO, MONO

SINCE, UNTIL = 1000.0, 1020.0
SHAPES = {"mono": MONO, "micro": MICRO}
BEFORE = [Visit(SINCE - 1, "browse", 0.1, GOOD)] * 10


def visits(*, need=GOOD, other=GOOD, seconds=0.1):
    """For each second of the fault one that needs the cart, and one that does not."""
    due = [SINCE + number for number in range(20)]
    return [
        *(Visit(at, "cart", seconds, need) for at in due),
        *(Visit(at, "browse", seconds, other) for at in due),
    ]


@pytest.mark.parametrize(
    ("during", "effect"),
    [
        (visits(need="status 503", other="timed out"), "all"),
        (visits(need="status 503", other="timed out")[:-15] + BEFORE * 2, "more"),
        (visits(need="status 503"), "some"),
        (visits(seconds=1.5), "slow"),
        (visits(), "none"),
    ],
)
def test_the_effect_is_what_visitors_met(during, effect):
    assert measured("cart", during, BEFORE, UNTIL).effect == effect


def test_losing_all_visits_that_need_it_is_not_losing_every_visit():
    """Nine of ten visits need the catalogue."""
    during = [Visit(SINCE + number, "browse", 0.1, "status 503") for number in range(19)]

    assert measured("catalog", [*during, Visit(SINCE + 5, "cart", 0.1, GOOD)], BEFORE, UNTIL).effect == "some"


def test_visits_that_are_answered_in_time_after_the_end_do_not_hide_the_effect():
    """Those of the last seconds are good after all: 15 of 20 seconds are lost."""
    during = [Visit(SINCE + number, "browse", UNTIL - SINCE - number + 0.1, GOOD) for number in range(20)]
    each = measured("cart", during, BEFORE, UNTIL)

    assert (each.lost, each.visits, each.effect) == (16, 20, "all")


def test_a_single_failure_is_not_an_effect():
    during = visits() * 2
    during[0] = Visit(SINCE, "cart", 0.1, "status 503")

    assert measured("cart", during, BEFORE, UNTIL).effect == "none"


def told(mono, micro, **run):
    about = {"title": "Hang cart", "component": "cart", "layer": "process", "since": SINCE, "until": UNTIL}
    results = {name: measured("cart", each, BEFORE, UNTIL) for name, each in {"mono": mono, "micro": micro}.items()}
    return result(Run(**{**about, **run}), SHAPES, results)


def test_the_result_is_one_sentence_with_the_figures_and_the_reasons():
    shown = told(visits(need="timed out", other="timed out"), visits(need="status 503"))

    assert shown["text"] == (
        "Hang cart for 20 s: the monolith lost 40 of 40 visits (100 %), 20 of them without need of cart, because one "
        "process hosts cart and 4 other components; the microservices lost 20 of 40 visits (50 %), 0 of them without "
        "need of cart, because cart is in a process of its own and the storefront serves other pages without it."
    )


def test_each_prediction_is_shown_beside_what_was_measured():
    shown = told(visits(), visits(need="status 503"), predictions={"mono": "all", "micro": "some"})

    assert shown["predictions"] == [
        {
            "shop": "mono",
            "predicted": "Every visit is lost",
            "measured": "Visitors notice nothing",
            "right": False,
        },
        {
            "shop": "micro",
            "predicted": "Only visits that need it are lost",
            "measured": "Only visits that need it are lost",
            "right": True,
        },
    ]


def test_slowness_is_told_with_both_times():
    text = told(visits(seconds=1.5), visits(seconds=1.5), layer="code")["text"]

    assert "lost 0 of 40 visits (0 %), which took 1.5 s instead of 0.10 s, because each call to cart" in text


def test_faults_at_the_same_time_have_no_result():
    assert "Inject one at a time" in told(visits(), visits(), alone=False)["text"]


def test_a_shop_without_visits_says_so():
    assert "the monolith had no visits" in told([], visits())["text"]
