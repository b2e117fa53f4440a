"""
Errors as RFC 9457 problem details, in both directions.

`STATUS` is the one table between the shop's errors and HTTP. A problem keeps `code` and the facts of the error, so that
a client in another process can raise the very same error again (`from_problem`).
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, JsonValue, TypeAdapter
from starlette.exceptions import HTTPException

from twinshop.contracts import errors
from twinshop.kit import context

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2

STATUS: Mapping[str, int] = {
    errors.Invalid.code: 422,
    errors.UnknownLanguage.code: 422,
    errors.Malformed.code: 400,
    errors.TooLarge.code: 413,
    errors.NotFound.code: 404,
    errors.Conflict.code: 409,
    errors.OutOfStock.code: 409,
    errors.PriceChanged.code: 409,
    errors.VersionMismatch.code: 409,
    errors.KeyInUse.code: 409,
    errors.AlreadyPaid.code: 409,
    errors.CartInUse.code: 409,
    errors.KeyReused.code: 422,
    errors.Declined.code: 402,
    errors.Forbidden.code: 403,
    errors.Unavailable.code: 503,
    errors.ShopError.code: 500,
}
HTTP: Mapping[int, tuple[str, str, str | None]] = {
    400: (errors.Malformed.code, errors.Malformed.title, None),
    404: (errors.NotFound.code, errors.NotFound.title, "There is nothing at this address."),
    405: (
        "method-not-allowed",
        "Not possible at this address",
        "This address does not take this kind of request.",
    ),
    408: ("request-timeout", "The request took too long", "Your request did not arrive in time. Please try again."),
    413: (errors.TooLarge.code, errors.TooLarge.title, None),
    421: ("misdirected-request", "Another address", "This shop does not answer under the name that you asked for."),
}
"""Code, title and detail of what the framework refuses; no detail: the one that it gives."""
CRASHED = "The error has been logged under the request id."
_KINDS = errors.kinds()
_JSON = TypeAdapter(dict[str, Any])

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem to be sent."""

    status: int
    code: str
    title: str
    detail: str
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        return _JSON.dump_json(
            {
                **self.facts,
                "type": f"urn:twinshop:problem:{self.code}",
                "title": self.title,
                "status": self.status,
                "detail": self.detail,
                "code": self.code,
                "request_id": context.request_id.get(),
            }
        )

    def response(self) -> Response:
        return Response(self.body(), self.status, dict(self.headers), MEDIA_TYPE)


class ProblemDetails(BaseModel):
    """The schema of every error response (RFC 9457), for the OpenAPI document."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str


Renderer = Callable[[Request, Problem], Awaitable[Response]]
"""Turns a problem into an answer: JSON for programs, a page for people."""


async def as_json(request: Request, problem: Problem) -> Response:
    del request
    return problem.response()


def documented(*kinds: type[errors.ShopError]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may raise these errors; `Malformed` belongs to every one that reads a body."""
    titles: dict[int, list[str]] = {}
    for kind in kinds:
        titles.setdefault(STATUS[kind.code], []).append(kind.title)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {
        status: {"model": ProblemDetails, "description": "; ".join(names), "content": content}
        for status, names in titles.items()
    }


def from_error(error: errors.ShopError) -> Problem:
    status = STATUS[error.code]
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}  # noqa: PLR2004
    return Problem(status, error.code, error.title, error.detail, error.facts, headers)


def from_validation(error: RequestValidationError) -> Problem:
    """Name the fields and what is wrong with each, without echoing what was sent: it may be a card number."""
    wrong: list[JsonValue] = []
    malformed = False
    for item in error.errors():
        malformed = malformed or item["type"] == "json_invalid"
        wrong.append({"field": ".".join(str(part) for part in item["loc"]), "message": str(item["msg"])})
    detail = "; ".join(f"{w['field']}: {w['message']}" for w in wrong if isinstance(w, dict))
    kind = errors.Malformed if malformed else errors.Invalid
    return Problem(STATUS[kind.code], kind.code, kind.title, detail[:2000], {"errors": wrong[:100]})


def from_http(error: HTTPException) -> Problem:
    kind = errors.Invalid if error.status_code < 500 else errors.ShopError  # noqa: PLR2004
    code, title, detail = HTTP.get(error.status_code, (f"http-{error.status_code}", kind.title, None))
    return Problem(error.status_code, code, title, detail or str(error.detail), headers=error.headers or {})


def from_crash() -> Problem:
    kind = errors.ShopError
    return Problem(500, kind.code, kind.title, CRASHED)


def from_problem(component: str, status: int, body: bytes) -> errors.ShopError:
    """
    Raise-able error for an answer of another component that is not a success.

    What is no problem document of ours, or a crash over there, is `Unavailable`: the caller can only do without.
    """
    try:
        members = _JSON.validate_json(body)
    except ValueError:
        members = {}
    kind = _KINDS.get(str(members.get("code")))
    if kind is None or kind is errors.ShopError:
        return errors.Unavailable(f"The {component} component failed (status {status}).", component=component)
    reserved = {"type", "title", "status", "detail", "code", "request_id"}
    facts = {name: value for name, value in members.items() if name not in reserved}
    return kind(str(members.get("detail", "")), **facts)


def install(app: FastAPI, render: Renderer) -> None:
    """Answer every error of the app through `render`; crashes are the edge's part, so that they are logged once."""

    async def on_shop_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, errors.ShopError)
        problem = from_error(error)
        if problem.status >= 500:  # noqa: PLR2004
            log.warning("%s: %s", error.code, error.detail)
        return await render(request, problem)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return await render(request, from_validation(error))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return await render(request, from_http(error))

    app.add_exception_handler(errors.ShopError, on_shop_error)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
