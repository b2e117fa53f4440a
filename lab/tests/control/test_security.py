"""Who may look at the control room, and who may press its buttons."""

import pytest

TOKEN = "a-token-for-tests-only"
CHANGES = [
    ("POST", "/faults"),
    ("DELETE", "/faults"),
    ("DELETE", "/faults/1"),
    ("POST", "/load"),
    ("POST", "/order"),
    ("POST", "/scale"),
    ("POST", "/patch"),
    ("POST", "/schedule"),
    ("DELETE", "/schedule"),
]
pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/", "/events", "/run.csv", "/run.png"])
@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token=ä"])
async def test_without_the_token_nothing_is_shown(client, path, query):
    answer = await client.get(path + query)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong"])
async def test_without_the_token_in_the_header_nothing_is_changed(client, calls, method, path, authorization):
    before = list(calls)
    answer = await client.request(
        method, f"{path}?token={TOKEN}", headers={"authorization": authorization}, json={"seed": 1}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert calls == before


@pytest.mark.parametrize("path", [path for _, path in CHANGES])
async def test_no_change_is_a_get(client, path):
    assert (await client.get(path)).status_code == 405


async def test_the_page_may_not_be_framed_and_runs_only_its_own_scripts(client):
    page = await client.get(f"/?token={TOKEN}")
    policy = page.headers["content-security-policy"]

    assert page.status_code == 200
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'self'" in policy
    assert TOKEN not in page.text


async def test_another_name_that_leads_here_is_refused(client):
    answer = await client.get(f"/?token={TOKEN}", headers={"host": "attacker.example"})

    assert answer.status_code == 400
