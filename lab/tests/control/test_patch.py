"""What the room says of a patch."""

from twinshop.lab.control.patch import BroughtOut
from twinshop.lab.deployment.site import Patched

FIGURES = [{"good": 4, "failed": 0}, {"good": 1, "failed": 3}]


def test_containers_are_built_and_replaced():
    told = str(BroughtOut("1111111", "2222222", Patched(5.25, 3.06, 2), FIGURES))

    assert told == "code 1111111 → 2222222, image built in 5.2 s, 2 processes replaced in 3.1 s, 3 of 8 visits lost"


def test_a_process_has_no_image_and_without_a_load_nobody_is_lost():
    told = str(BroughtOut("1111111", "2222222", Patched(None, 1.0, 1), []))

    assert told == "code 1111111 → 2222222, no image to build, 1 process replaced in 1.0 s, 0 of 0 visits lost"
