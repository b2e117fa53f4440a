"""A database that somebody else keeps locked: a purchase ends in time, charges nothing, and can be made again."""

import secrets
import sqlite3
import time
from contextlib import closing

import pytest

pytestmark = pytest.mark.integration
ANSWER_SECONDS = 30
"""Generous: five times the longest limit on the way (docs/architecture.md, Deadlines)."""


@pytest.mark.parametrize("own_shop", ["micro", "mono"], indirect=True)
def test_a_purchase_does_not_wait_for_a_locked_database_and_can_be_made_afterwards(own_shop, api):
    client, key = own_shop.client(), secrets.token_urlsafe(18)
    api.add(client, own_shop.plenty()).raise_for_status()
    (host,) = (process for process in own_shop.processes.values() if "catalog" in process.components)

    with closing(sqlite3.connect(host.database("catalog"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        begin = time.monotonic()
        refused = api.pay(client, key)
        lasted = time.monotonic() - begin
        other.execute("ROLLBACK")
    paid = api.pay(client, key)

    api.problem(refused, 503, "unavailable")
    assert lasted < ANSWER_SECONDS
    assert paid.status_code == 201, paid.text
    assert [order["state"] for order in client.get("/api/orders").json()] == ["paid"]
