"""
The outermost layer of a process: what every request gets, in one plain ASGI middleware.

Request id, limits of size and time, metrics, access log, `Server-Timing`, and the answer to a crash. One class and no
`BaseHTTPMiddleware`, because it runs for every call between components.
"""

import asyncio
import logging
from functools import lru_cache
from hmac import compare_digest
from time import perf_counter

from prometheus_client import Histogram
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twinshop.contracts.errors import TooLarge
from twinshop.kit import context, metrics, problems
from twinshop.kit.deadline import Deadline
from twinshop.kit.hosts import Hosts, Proxies
from twinshop.kit.settings import ServerSettings

log = logging.getLogger("twinshop.request")

QUIET = frozenset({"/livez", "/readyz", "/metrics"})
"""Polled every second by machines: served, but neither logged nor counted."""


FAULTS = "/faults"
CHALLENGE = {"WWW-Authenticate": "Bearer"}


class Edge:
    """
    Wraps an ASGI app.

    `caller` is the `authorization` that every request needs, but those of machines (`QUIET`) and for faults, which have
    a token of their own; None: none does.
    """

    def __init__(
        self, app: ASGIApp, server: ServerSettings, render: problems.Renderer, caller: bytes | None = None
    ) -> None:
        self._caller = caller
        self._app = app
        self._max_body = server.max_body
        self._body_seconds = server.body_seconds
        self._log_requests = server.log_requests
        self._hosts = Hosts(server.hosts)
        self._proxies = Proxies(server.trusted_proxies)
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._proxies:
            scope = self._proxies.unwrap(scope)
        offered, length, hosts, authorization = _headers_of(scope)
        refused = self._refusal(scope, hosts, authorization)
        if scope["path"] in QUIET and refused is None:
            await self._app(scope, receive, send)
            return
        start = perf_counter()
        request_id = context.accept_or_new_id(offered)
        context.request_id.set(request_id)
        context.started.set(start)
        hops: list[context.Hop] = []
        context.hops.set(hops)
        status = 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    (b"server-timing", _server_timing(hops, start)),
                ]
            await send(message)

        metrics.in_flight.inc()
        try:
            if refused is not None:
                await self._answer(scope, refused, send_on, status)
                return
            if length is not None and length > self._max_body:
                raise self._too_large()  # noqa: TRY301 - answered below, as a body that turns out too long is
            await self._app(scope, self._limited(receive), send_on)
        except TooLarge as error:
            await self._answer(scope, problems.from_error(error), send_on, status)
        except Exception:
            log.exception("crash while serving %s %s", scope["method"], scope["path"])
            await self._answer(scope, problems.from_crash(), send_on, status)
        finally:
            metrics.in_flight.dec()
            self._note(scope, status, perf_counter() - start)

    def _refusal(self, scope: Scope, hosts: list[str], authorization: bytes) -> problems.Problem | None:
        """What to say to a request that does not know where it is: RFC 9112, section 3.2, and DNS rebinding."""
        if len(hosts) > 1 or (not hosts and scope["http_version"] == "1.1"):
            return problems.from_http(HTTPException(400, "A request names one host."))
        if hosts and not self._hosts.allow(hosts[0]):
            return problems.from_http(HTTPException(421))
        if self._caller is not None and not compare_digest(authorization, self._caller):
            path = scope["path"]
            if path not in QUIET and path != FAULTS and not path.startswith(f"{FAULTS}/"):
                return problems.from_http(HTTPException(401, "Only the storefront may call this component.", CHALLENGE))
        return None

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The request body is larger than {self._max_body} bytes.", limit=self._max_body)

    def _limited(self, receive: Receive) -> Receive:
        """
        Count what arrives, because a chunked body does not say its length beforehand, and end a wait for the rest.

        FastAPI turns any exception that reading a body raises into a plain 400, unless it is an HTTPException.
        """
        received, complete = 0, False
        end: float | None = None

        async def receive_on() -> Message:
            nonlocal received, complete, end
            if complete:
                return await receive()
            end = end or asyncio.get_running_loop().time() + self._body_seconds
            try:
                async with Deadline(end):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, headers={"Connection": "close"}) from error  # the rest would be awaited
            if message["type"] == "http.request":
                complete = not message.get("more_body", False)
                received += len(message.get("body", b""))
                if received > self._max_body:
                    raise HTTPException(problems.STATUS[TooLarge.code], self._too_large().detail)
            return message

        return receive_on

    async def _answer(self, scope: Scope, problem: problems.Problem, send: Send, status: int) -> None:
        if status:
            return  # the answer had begun; all that is left is to end the connection
        try:
            response = await self._render(Request(scope), problem)
        except Exception:
            log.exception("crash while telling of an error")  # a page calls components: it may fail for the same reason
            response = problem.response()
        response.headers["connection"] = "close"  # the rest of the body may never be read

        async def nothing() -> Message:
            return {"type": "http.disconnect"}

        await response(scope, nothing, send)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        _histogram(scope["method"], route_of(scope) or "unmatched", status).observe(seconds)
        if self._log_requests:
            fields = {"method": scope["method"], "path": scope["path"], "status": status, "ms": round(seconds * 1e3, 2)}
            log.info("request", extra=fields)


@lru_cache(maxsize=1024)
def _histogram(method: str, route: str, status: int) -> Histogram:
    return metrics.requests.labels(method, route, str(status))


def _without_body(send: Send) -> Send:
    """HEAD is answered as GET (RFC 9110, section 9.3.2), with its headers and nothing else."""

    async def send_on(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_on


def route_of(scope: Scope) -> str | None:
    """
    The template of the route that served the request, such as `/api/orders/{order_id}`; None where no route did.

    A FastAPI that keeps included routers apart has in `scope["route"]` the route without the router's prefix, so that
    the page `/orders` and `/api/orders` look alike; what it puts beside that knows the whole path.
    """
    whole = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return getattr(whole, "path", None)


def _headers_of(scope: Scope) -> tuple[str | None, int | None, list[str], bytes]:
    """The request's id, the length of its body, its hosts, and who says that he asks."""
    offered, length, hosts, authorization = None, None, [], b""
    for name, value in scope["headers"]:
        if name == b"host":
            hosts.append(value.decode("latin-1"))
        elif name == b"x-request-id":
            offered = value.decode("latin-1")
        elif name == b"content-length":
            length = int(value)  # the server has refused what is no number
        elif name == b"authorization":
            authorization = value
    return offered, length, hosts, authorization


def _server_timing(hops: list[context.Hop], start: float) -> bytes:
    """Return the calls as `Server-Timing`, each with the parameter `start` (milliseconds after the request)."""
    parts = [
        f"{hop.component};desc={hop.operation};dur={hop.duration:.2f};start={hop.start - start * 1e3:.2f}"
        for hop in hops
    ]
    parts.append(f"total;dur={(perf_counter() - start) * 1e3:.2f}")
    return ", ".join(parts).encode()
