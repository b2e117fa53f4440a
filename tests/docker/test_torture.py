"""A short campaign on containers: what only they can have, on the microservices with PostgreSQL."""

import json
from pathlib import Path

import pytest

from twinshop.lab.shapes import MICRO
from twinshop.lab.torture.api import Step
from twinshop.lab.torture.campaign import Campaign, run
from twinshop.lab.torture.hazards import HAZARDS

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
STRUCK = ("kill-before-catalog.commit", "disk-full-redis", "database-restart", "redis-kill")


def test_nothing_is_lost(tmp_path):
    steps = [Step(number, 2.0, name, 2.0, 5) for number, name in enumerate(STRUCK, 1)]
    hazards = {name: HAZARDS[name] for name in STRUCK}
    story = run(Campaign("docker", 5, 300.0, 5.0, ROOT, print), MICRO, hazards, steps, tmp_path)

    assert story.faults() == []
    assert [each.step.hazard for each in story.survived] == list(STRUCK)
    seen = {each.step.hazard for each in story.confirmed}
    assert seen >= set(STRUCK) - {"disk-full-redis"}  # a slow machine may need no page more in that time
    assert story.orders.stored >= story.orders.acknowledged > 0
    assert json.dumps(story.as_json(), allow_nan=False)
