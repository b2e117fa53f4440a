"""Traces of real processes, against a receiver that speaks OTLP over HTTP."""

import gzip
import secrets
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Wire
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from twinshop.testing.ports import free_port

from .shops import running

pytestmark = pytest.mark.integration

CALLER = secrets.token_hex(8)
CALLED = {"order": {"cart", "catalog", "payment"}, "page": {"cart", "catalog", "translate"}}


@dataclass(frozen=True)
class Span:
    id: str
    parent: str
    name: str
    kind: int
    failed: bool
    attributes: dict
    process: dict
    start: int
    end: int


def plain(attributes):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in attributes}


@contextmanager
def receiver():
    """An OTLP/HTTP endpoint: its URL, and the spans received by trace id."""
    traces = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            for of_process in ExportTraceServiceRequest.FromString(body).resource_spans:
                process = plain(of_process.resource.attributes)
                for span in (span for scope in of_process.scope_spans for span in scope.spans):
                    seen = Span(
                        span.span_id.hex(),
                        span.parent_span_id.hex(),
                        span.name,
                        span.kind,
                        span.status.code == Status.STATUS_CODE_ERROR,
                        plain(span.attributes),
                        process,
                        span.start_time_unix_nano,
                        span.end_time_unix_nano,
                    )
                    traces.setdefault(span.trace_id.hex(), []).append(seen)
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", traces
        server.shutdown()


@pytest.fixture(scope="module", params=["mono", "micro", "mixed"])
def told(request, tmp_path_factory, first_start, api):
    """The shape's name, and the spans of an order, of a page and of a page without translate, each one trace."""
    ids = {what: secrets.token_hex(16) for what in ("order", "page", "broken")}
    followed = {what: {"traceparent": f"00-{trace}-{CALLER}-01"} for what, trace in ids.items()}
    with receiver() as (endpoint, traces):
        folder = tmp_path_factory.mktemp("told")
        with running(request.param, folder, first_start, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as shop:
            client = shop.client()
            api.add(client, shop.plenty()).raise_for_status()
            body = {"delivery": api.delivery, "card": api.card}
            key = {"idempotency-key": secrets.token_urlsafe(18)}
            client.post("/api/orders", json=body, headers={**key, **followed["order"]}).raise_for_status()
            html = {"accept": "text/html"}
            client.get("/", params={"lang": "es"}, headers={**html, **followed["page"]}, follow_redirects=True)
            if request.param == "micro":
                shop.processes["catalog"].stop()  # not killed: it sends what it has
                client.get("/search", params={"q": "drum"}, headers={**html, **followed["broken"]})
            shop.close()
        # every process has ended, and sent what it had left
        yield request.param, {what: traces.get(trace, []) for what, trace in ids.items()}


def served(spans):
    return [span for span in spans if span.kind == Wire.SPAN_KIND_SERVER]


def calls(spans):
    return [span for span in spans if "twinshop.component" in span.attributes]


@pytest.mark.parametrize("what", CALLED)
def test_each_call_is_under_the_request_that_made_it_and_the_request_under_its_caller(told, what):
    shape, traces = told
    (root,) = (span for span in served(traces[what]) if span.parent == CALLER)
    route = {"order": "/api/orders", "page": "/"}[what]

    assert root.attributes["http.route"] == route
    assert root.attributes["http.response.status_code"] == {"order": 201, "page": 200}[what]
    assert root.name == f"{root.attributes['http.request.method']} {route}"
    assert root.attributes["twinshop.request_id"]
    assert root.process["twinshop.shape"] == shape
    assert {call.attributes["twinshop.component"] for call in calls(traces[what])} == CALLED[what]
    for call in calls(traces[what]):
        assert call.parent == root.id
        assert call.process == root.process
        assert root.start <= call.start <= call.end <= root.end
        assert call.name == f"{call.attributes['twinshop.component']}.{call.attributes['twinshop.operation']}"
        assert not call.failed


@pytest.mark.parametrize("what", CALLED)
def test_a_call_that_leaves_the_process_goes_on_in_the_one_that_serves_it(told, what):
    shape, traces = told
    names = {"mono": {"monolith"}, "micro": {"storefront", *CALLED[what]}, "mixed": {"storefront+cart"}}[shape]
    if shape == "mixed":
        names |= {"catalog+payment"} | ({"translate"} if what == "page" else set())
    by_caller = {span.parent: span for span in served(traces[what])}

    assert {span.process["service.name"] for span in traces[what]} == names
    for call in calls(traces[what]):
        component, answered = call.attributes["twinshop.component"], by_caller.pop(call.id, None)
        remote = call.attributes["twinshop.where"] == "remote"
        assert remote == (shape == "micro" or (shape == "mixed" and component != "cart"))
        assert call.kind == (Wire.SPAN_KIND_CLIENT if remote else Wire.SPAN_KIND_INTERNAL)
        assert (answered is not None) == remote
        if remote:
            assert component in answered.process["service.name"].split("+")
            assert answered.attributes["http.route"].startswith(f"/{component}/")
            assert answered.attributes["http.response.status_code"] in {200, 201}
    assert by_caller.keys() == {CALLER}, "no server span is without the call that led to it"


def test_a_call_that_nobody_answers_is_marked(told):
    shape, traces = told
    if shape != "micro":
        pytest.skip("its components are not stopped")
    failed = [call for call in calls(traces["broken"]) if call.failed]

    assert {call.attributes["twinshop.component"] for call in failed} == {"catalog"}
    assert {call.attributes["error.type"] for call in failed} == {"Unavailable"}


def test_a_shop_goes_on_and_ends_well_when_nobody_listens_to_its_traces(tmp_path, first_start, api):
    nobody = free_port()
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{nobody}", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    with running("mono", tmp_path, first_start, **settings) as shop:
        answer = api.buy(shop.client(), shop.plenty())
        shop.close()
        (code,) = (process.stop() for name, process in shop.processes.items() if name != "redis")

    assert (answer.status_code, code) == (201, 0)
