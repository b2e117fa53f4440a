"""The circuit breaker."""

from twinshop.kit.breaker import Breaker


def test_it_passes_calls_until_enough_failed_in_a_row():
    breaker = Breaker(failures=3, open_seconds=1000)
    breaker.failed()
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    breaker.failed()

    assert breaker.allows()

    breaker.failed()

    assert not breaker.allows()


def test_after_a_while_it_lets_one_call_try(monkeypatch):
    now = 100.0
    monkeypatch.setattr("twinshop.kit.breaker.monotonic", lambda: now)
    breaker = Breaker(failures=1, open_seconds=1)
    breaker.failed()
    now = 101.5

    assert [breaker.allows(), breaker.allows()] == [True, False]


def test_a_success_closes_it():
    breaker = Breaker(failures=1, open_seconds=1000)
    breaker.failed()
    breaker.succeeded()

    assert breaker.allows()
    assert not breaker.is_open
