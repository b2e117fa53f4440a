"""
Spans by OpenTelemetry: one for each request served, one for each call to a component, joined by W3C `traceparent`.

Imported by `kit.tracing` alone, and only where traces are sent: needs the extra `tracing`. Names and attributes follow
the semantic conventions for HTTP; those of the shop's own begin with `twinshop.`. Sampling, batches, timeouts and
headers of the export are set by OpenTelemetry's own variables.
"""

import os
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twinshop.contracts.errors import ShopError, Unavailable
from twinshop.kit import context
from twinshop.kit.edge import QUIET, route_of

_TRACEPARENT = TraceContextTextMapPropagator()
_TRACE_HEADERS = frozenset({b"traceparent", b"tracestate"})
_SERVER_ERROR = 500


class TracedRequests:
    """Round the edge: a server span for each request, child of the caller's span where there is one."""

    def __init__(self, app: ASGIApp, *, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self._app(scope, receive, send)
            return
        offered = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in _TRACE_HEADERS}
        status = 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"]
        caller = _TRACEPARENT.extract(offered)
        with self._tracer.start_as_current_span(method, caller, SpanKind.SERVER) as span:
            span.set_attribute("http.request.method", method)
            try:
                await self._app(scope, receive, send_on)
            finally:
                route = route_of(scope)
                if route is not None:
                    span.update_name(f"{method} {route}")
                    span.set_attribute("http.route", route)
                if status:
                    span.set_attribute("http.response.status_code", status)
                if status >= _SERVER_ERROR:
                    span.set_status(StatusCode.ERROR)
                span.set_attribute("twinshop.request_id", context.request_id.get())  # as in the logs


class Spans:
    """All that makes spans in this process; sends them in batches from a thread of its own."""

    def __init__(self, service: str, components: Sequence[str], shape: str) -> None:
        resource = Resource.create(
            {
                "service.name": service,
                "service.namespace": "twinshop",
                "process.pid": os.getpid(),
                "twinshop.shape": shape,
                "twinshop.components": list(components),
            }
        )
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self.tracer = self._provider.get_tracer("twinshop.kit")

    def headers(self) -> dict[str, str]:
        """Return the headers that pass the current span to another process."""
        carrier: dict[str, str] = {}
        _TRACEPARENT.inject(carrier)
        return carrier

    def around(
        self, component: str, operation: str, where: str, call: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        """The same call with a span round it; `where` is `local` or `remote`."""
        name = f"{component}.{operation}"
        kind = SpanKind.CLIENT if where == "remote" else SpanKind.INTERNAL
        attributes = {"twinshop.component": component, "twinshop.operation": operation, "twinshop.where": where}

        @wraps(call)
        async def traced(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - stands in for any operation
            with self.tracer.start_as_current_span(
                name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
            ) as span:
                try:
                    return await call(*args, **kwargs)
                except BaseException as error:
                    span.set_attribute("error.type", type(error).__name__)  # its text may name a shopper
                    if not isinstance(error, ShopError) or isinstance(error, Unavailable):
                        span.set_status(StatusCode.ERROR)  # any other ShopError is an answer
                    raise

        return traced

    def close(self) -> None:
        """Send what is left; takes as long as OTEL_EXPORTER_OTLP_TIMEOUT if the endpoint does not answer."""
        self._provider.shutdown()
