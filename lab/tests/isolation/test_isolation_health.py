"""When an environment is healthy enough for the next fault."""

import pytest

from twinshop.lab.measurement import steady_state
from twinshop.lab.measurement.steady_state import Unhealthy, settle


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self):
        self.second = 10.0

    def now(self):
        return self.second

    def wait_until(self, second):
        self.second = max(self.second, second)


@pytest.fixture
def sick_until(monkeypatch):
    """An environment of which something is wrong before that second, and after it never."""

    def make(clock, second):
        monkeypatch.setattr(steady_state, "trouble", lambda _: "payment is down" if clock.now() < second else None)

    return make


def test_a_healthy_site_has_to_be_so_for_the_base_window(sick_until):
    clock = Clock()
    sick_until(clock, 0)

    assert settle(None, clock, 3) == 10
    assert clock.now() == pytest.approx(13, abs=0.5)


def test_one_that_recovers_is_watched_until_its_recovery_can_be_seen(sick_until):
    clock = Clock()
    sick_until(clock, 14)
    since = settle(None, clock, 3)

    assert since == pytest.approx(14, abs=steady_state.LOOK_SECONDS)
    assert clock.now() >= since + 6


def test_one_that_stays_sick_is_given_up_with_the_reason(sick_until):
    clock = Clock()
    sick_until(clock, 1000)

    with pytest.raises(Unhealthy, match="payment is down"):
        settle(None, clock, 3)
    assert clock.now() < 10 + 3 + steady_state.SETTLE_SECONDS + 2 * steady_state.LOOK_SECONDS
