"""A run as a table and as a picture."""

from twinshop.lab.control.export import as_csv, as_png
from twinshop.lab.control.visits import Visit, by_second
from twinshop.lab.load.record import GOOD

VISITS = [Visit(99.5, "cart", 0.25, GOOD), Visit(100.5, "cart", 0.5, "status 503"), Visit(100.7, "cart", 9.0, GOOD)]
SECONDS = {"mono": by_second(VISITS, 99, 101), "micro": by_second(VISITS[:1], 99, 101)}


def test_the_table_has_a_row_for_each_shop_and_second_counted_from_the_fault():
    assert as_csv(SECONDS, 100.4).splitlines() == [
        "shop,second,due,good,degraded,waiting,failed,late,slowest_s",
        "mono,-1,1,1,0,0,0,0,0.25",
        "mono,0,2,0,0,0,1,1,9.0",
        "mono,1,0,0,0,0,0,0,",
        "micro,-1,1,1,0,0,0,0,0.25",
        "micro,0,0,0,0,0,0,0,",
        "micro,1,0,0,0,0,0,0,",
    ]


def test_the_picture_is_a_png_of_a_projector_s_width():
    picture = as_png(SECONDS, 100.4, 101.0, "Hang cart")

    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20], "big") == 1920
