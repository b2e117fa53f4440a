"""What the engine's API says is asked again where that helps."""

import pytest
from docker.errors import APIError

from twinshop.lab.environments.docker import engine as module
from twinshop.lab.environments.docker.engine import Engine
from twinshop.lab.errors import LabError

SLIPPED = "OCI runtime pause failed: unable to freeze: unknown"


@pytest.fixture
def engine(monkeypatch):
    """An engine without a Docker: `says` are its answers to a pause, None being that it has done it."""
    monkeypatch.setattr(module, "FREEZE_AGAIN_SECONDS", 0.0)

    class Api:
        says = ()
        asked = 0

        def pause(self, container):
            said = self.says[self.asked]
            self.asked += 1
            if said is not None:
                raise APIError("500", explanation=said)

    engine = object.__new__(Engine)
    engine._api = Api()
    return engine


def test_a_container_that_slipped_away_from_being_frozen_is_frozen_again(engine):
    engine._api.says = [SLIPPED, SLIPPED, None]
    engine.pause("one")

    assert engine._api.asked == 3


def test_a_container_that_cannot_be_frozen_is_told(engine):
    engine._api.says = [SLIPPED] * 9
    with pytest.raises(LabError, match="unable to freeze"):
        engine.pause("one")

    assert engine._api.asked == 3


def test_another_refusal_is_told_at_once(engine):
    engine._api.says = ["no such thing"] * 9
    with pytest.raises(LabError, match="no such thing"):
        engine.pause("one")

    assert engine._api.asked == 1
