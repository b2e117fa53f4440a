"""Prometheus metrics of a process: requests served, calls made to components, and whatever a component adds."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client import multiprocess as workers
from prometheus_client.registry import REGISTRY

from twinshop.kit import startup

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds."""

requests = Histogram(
    "twinshop_http_request_seconds",
    "Requests served, by route template",
    ["method", "route", "status"],
    buckets=BUCKETS,
)
in_flight = Gauge("twinshop_http_in_flight", "Requests being served", multiprocess_mode="livesum")
calls = Histogram(
    "twinshop_component_call_seconds",
    "Calls to components, in process or remote",
    ["component", "operation", "where", "outcome"],
    buckets=BUCKETS,
)
breaker_open = Gauge(
    "twinshop_breaker_open", "1 while calls to the component fail at once", ["component"], multiprocess_mode="livemax"
)
start_moments = Gauge(
    "twinshop_start_moment_seconds",
    "Unix time at which the start of the process reached a point; of the slowest worker",
    ["point"],
    multiprocess_mode="max",
)
fault_affected_calls = Counter(
    "twinshop_fault_affected_calls_total", "Calls affected by an injected fault", ["component", "kind"]
)


def exposition() -> bytes:
    """Return all metrics as text; with several workers, those of all of them."""
    for point, moment in startup.moments.items():
        start_moments.labels(point).set(moment)
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    workers.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
