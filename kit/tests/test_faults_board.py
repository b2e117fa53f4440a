"""The board of faults, shared by threads and by processes."""

from datetime import UTC, datetime, timedelta

import pytest

from twinshop.kit.faults import board as boards
from twinshop.kit.faults.board import Board
from twinshop.kit.faults.models import Errors, Injection


def an_injection(component="probe"):
    now = datetime.now(UTC)
    fault = Errors(kind="errors", component=component, seconds=60)
    return Injection(id=component, fault=fault, injected_at=now, begins_at=now, ends_at=now + timedelta(seconds=60))


@pytest.mark.parametrize("before", [[], ["cart"]], ids=["the first fault", "a further fault"])
def test_a_fault_is_kept_though_the_thread_of_the_time_limits_looks_while_it_is_written(tmp_path, monkeypatch, before):
    board = Board(tmp_path)
    for component in before:
        board.add(an_injection(component))
    new_file = boards.tempfile.NamedTemporaryFile

    def interrupted(**options):
        board.mine()
        return new_file(**options)

    monkeypatch.setattr(boards.tempfile, "NamedTemporaryFile", interrupted)

    board.add(an_injection())

    expected = [*before, "probe"]
    assert [each.id for each in board.mine()] == expected
    monkeypatch.undo()
    Board(tmp_path).remove("catalog")  # a process that writes the file again, from what it reads there
    assert [each.id for each in board.mine()] == expected
