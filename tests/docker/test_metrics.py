"""Prometheus beside each shape: its recording rules, and every query of the Grafana dashboard."""

import json
from pathlib import Path

import pytest

from twinshop.contracts.components import NAMES
from twinshop.testing import plain_http
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

COMPOSE = Path(__file__).parents[2] / "compose"
PROCESSES = {"mono": {"monolith"}, "micro": set(NAMES)}
CALLED = {"catalog", "cart", "payment", "translate"}
BY_SERVICE = (
    "twinshop_http_requests:rate30s",
    "twinshop_http_errors:ratio30s",
    "twinshop_http_request_seconds:p99_30s",
)
BY_COMPONENT = (
    "twinshop_component_calls:rate30s",
    "twinshop_component_failures:ratio30s",
    "twinshop_component_call_seconds:p99_30s",
)


def dashboard():
    return json.loads((COMPOSE / "grafana" / "twinshop.json").read_text())


@pytest.fixture(params=["mono", "micro"])
def watched(request, up, buy):
    """A shape, visited until Prometheus has seen every component work; its name and how to ask Prometheus."""
    shop = request.getfixturevalue(request.param)
    shape = shop.name.removeprefix("twinshop-")
    with up(f"{shop.name}-metrics", "compose/metrics.yaml", port_variable="METRICS_PORT", SHAPE=shape) as prometheus:

        def ask(query):
            answer = plain_http.get(f"{prometheus.url}/api/v1/query", params={"query": query}, timeout=10).json()
            assert answer["status"] == "success", answer
            return answer["data"]["result"]

        def all_worked():
            with shop.client() as client:
                buy(client).raise_for_status()
                for page in ("/?lang=es", "/search?q=drum", "/cart"):
                    client.get(page).raise_for_status()
            rates = ask("component:twinshop_component_calls:rate30s > 0")
            served = ask("service:twinshop_http_requests:rate30s > 0")
            names = {row["metric"]["component"] for row in rates}, {row["metric"]["service"] for row in served}
            return names == (CALLED, PROCESSES[request.param])

        wait_until(all_worked)
        yield request.param, ask


def test_the_rules_have_values_for_every_component_and_every_query_of_the_dashboard_has_an_answer(watched):
    shape, ask = watched

    targets = {row["metric"]["service"]: row["value"][1] for row in ask('up{job="twinshop"}')}
    assert targets == dict.fromkeys(PROCESSES[shape], "1")
    for rule in BY_SERVICE:
        assert {row["metric"]["service"] for row in ask(f"service:{rule}")} == PROCESSES[shape], rule
        assert len(ask(f"service_route:{rule}")) > len(PROCESSES[shape]), rule
    for rule in BY_COMPONENT:
        found = ask(f"component:{rule}")
        assert {row["metric"]["component"] for row in found} == CALLED, rule
        assert {row["metric"]["where"] for row in found} == {"local" if shape == "mono" else "remote"}, rule
    assert all(0 <= float(row["value"][1]) < 10 for row in ask("service:twinshop_http_request_seconds:p99_30s"))
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            assert ask(target["expr"]), target["expr"]


def test_the_dashboard_is_what_grafana_imports():
    board = dashboard()
    (source,) = board["templating"]["list"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]

    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    assert {"uid", "title", "schemaVersion", "time", "refresh"} <= board.keys()
    assert len({panel["id"] for panel in board["panels"]}) == len(set(places)) == len(board["panels"])
    for panel in board["panels"]:
        assert panel["type"] == "timeseries"
        assert panel["title"]
        for target in panel["targets"]:
            assert (
                target["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": f"${{{source['name']}}}"}
            )
            assert target["legendFormat"]
            assert target["refId"]
