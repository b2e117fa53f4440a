"""The wrapper that notes which calls a request made."""

import pytest

from twinshop.contracts.errors import NotFound, Unavailable
from twinshop.kit import context
from twinshop.kit.observe import observed

pytestmark = pytest.mark.anyio


class Port:
    async def double(self, number):
        return 2 * number

    async def missing(self):
        raise NotFound("no")

    async def silent_partner(self):
        raise Unavailable("no", component="acquirer")

    async def down(self):
        raise Unavailable("no", component="probe")


@pytest.fixture
def hops():
    noted = []
    token = context.hops.set(noted)
    yield noted
    context.hops.reset(token)


async def test_calls_pass_through_and_are_noted(hops):
    port = observed("probe", Port(), remote=True)

    assert await port.double(21) == 42
    assert [(hop.component, hop.operation, hop.remote, hop.ok) for hop in hops] == [("probe", "double", True, True)]


async def test_a_refusal_is_an_answer_and_an_outage_is_not(hops):
    port = observed("probe", Port(), remote=False)
    with pytest.raises(NotFound):
        await port.missing()
    with pytest.raises(Unavailable):
        await port.down()

    assert [hop.ok for hop in hops] == [True, False]


async def test_a_component_that_says_who_else_does_not_answer_has_answered(hops):
    with pytest.raises(Unavailable):
        await observed("probe", Port(), remote=False).silent_partner()

    assert [hop.ok for hop in hops] == [True]
