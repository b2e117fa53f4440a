"""
From the edge straight to a route's handler.

FastAPI puts six layers between a middleware and a route, tries the routes one by one, and wraps each in two more
layers: twice what the edge takes, on each page and each call between components. Here the route is looked up, and its
handler, which validates the request and calls the function, is FastAPI's own. Everything else (static files, documents,
404 and 405) goes through FastAPI as usual.

The handler asks at each request what a route might need, and reads JSON in Python. A route that takes values of its
path and query, one JSON body or the request itself, as those of components and many pages do, is called past it.
"""

import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import cached_property
from inspect import iscoroutinefunction, signature
from typing import Annotated, Any, Literal, get_origin

from fastapi import FastAPI
from fastapi.datastructures import DefaultPlaceholder
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Handler = Callable[[Request], Awaitable[Response]]
OnError = Callable[[Request, Exception], Awaitable[Response]]
JSON = "application/json"
UNTIL_SENT = ("fastapi_middleware_astack", "fastapi_inner_astack")
UNTIL_ANSWERED = "fastapi_function_astack"
"""Where FastAPI's handlers look for what closes uploaded files and dependencies."""
_STRICT = re.compile(r"(?<!'type': 'str', )'strict': True")
"""In pydantic's schema of a model."""


class App(FastAPI):
    """A FastAPI whose own middlewares, of which the first is outermost, are round the routes and nothing else is."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Past FastAPI's telemetry, which asks at each request whether it is wanted: `kit.tracing` makes our spans."""
        call = super().__call__ if scope["type"] == "lifespan" else super(FastAPI, self).__call__
        await call(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Without FastAPI's layers for crashes and limits, which are the edge's part."""
        handlers: dict[Any, Any] = dict(self.exception_handlers)
        through_fastapi = ExceptionMiddleware(AsyncExitStackMiddleware(self.router), handlers, self.debug)
        app: ASGIApp = Direct(self, through_fastapi)
        for middleware in reversed(self.user_middleware):
            app = middleware.cls(app, *middleware.args, **middleware.kwargs)
        return app


class Short:
    """
    Calls a route's function with values of path, query and body, or the request itself, and returns the answer.

    Whatever pydantic does not accept at once is FastAPI's to answer, so that there is one kind of error.
    """

    @staticmethod
    def suits(route: APIRoute) -> bool:
        """Whether the route takes no more than that, and returns a value or a response."""
        needs = route.dependant
        others = (
            needs.header_params,
            needs.cookie_params,
            needs.dependencies,
            needs.websocket_param_name,
            needs.http_connection_param_name,
            needs.response_param_name,
            needs.background_tasks_param_name,
            needs.security_scopes_param_name,
        )
        bodies = [field.field_info for field in needs.body_params]
        return (
            iscoroutinefunction(route.endpoint)
            and not any(others)
            and all(_has_one_name(field.field_info) for field in (*needs.path_params, *needs.query_params))
            and all(_is_scalar(field.field_info.annotation) for field in needs.query_params)
            and (not bodies or (_is_json(bodies) and route.body_field is needs.body_params[0]))
            and (route.response_model is not None or _is_response(signature(route.endpoint).return_annotation))
            and route.status_code is None
            and isinstance(route.response_class, DefaultPlaceholder)
            and route.response_model_by_alias
            and not (route.response_model_include or route.response_model_exclude)
            and not route.response_model_exclude_unset
            and not route.response_model_exclude_defaults
            and not route.response_model_exclude_none
        )

    def __init__(self, route: APIRoute) -> None:
        needs = route.dependant
        self._call = route.endpoint
        self._path = [(field.name, field.alias, _adapter(field.field_info)) for field in needs.path_params]
        self._query = [(field.name, field.alias, _adapter(field.field_info), field) for field in needs.query_params]
        self._body = next(((field.name, _adapter(field.field_info)) for field in needs.body_params), None)
        self._request = needs.request_param_name
        self._answer: TypeAdapter[Any] | None = None
        if route.response_model is not None:
            self._answer = TypeAdapter(route.response_model)

    async def __call__(self, request: Request) -> Response | None:
        """None: what was sent is not what the function takes."""
        given: dict[str, str] = request.scope["path_params"]
        values: dict[str, Any] = {}
        try:
            for name, alias, adapter in self._path:
                values[name] = adapter.validate_python(given[alias])
            for name, alias, adapter, field in self._query:
                said = request.query_params.get(alias)
                if said is None and field.field_info.is_required():
                    return None
                values[name] = field.get_default() if said is None else adapter.validate_python(said)
            if self._body is not None:
                if request.headers.get("content-type") != JSON:
                    return None
                name, adapter = self._body
                values[name] = adapter.validate_json(await request.body())
        except HTTPException:  # the edge's: the body is too long, or comes too slowly
            raise
        except Exception:  # noqa: BLE001 - FastAPI says what is wrong
            return None
        if self._request is not None:
            values[self._request] = request
        answer = await self._call(**values)
        if isinstance(answer, Response):
            return answer
        if self._answer is None:
            raise TypeError(f"{self._call} was to return a response")
        answer = self._answer.validate_python(answer, from_attributes=True)
        return Response(self._answer.dump_json(answer, by_alias=True), media_type=JSON)


def _adapter(info: FieldInfo) -> TypeAdapter[Any]:
    kind: Any = Annotated[info.annotation, info]  # as FastAPI makes it
    return TypeAdapter(kind)


def _is_scalar(annotation: object) -> bool:
    return annotation in (str, int, float, bool) or get_origin(annotation) is Literal


def _is_response(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Response)


def _has_one_name(info: FieldInfo) -> bool:
    return info.validation_alias in (None, info.alias)  # not a set: other aliases of pydantic have no hash


def _is_json(infos: list[FieldInfo]) -> bool:
    """
    Whether the body is one model, which means the same as JSON and as the Python values that FastAPI makes of it.

    To a strict model it does not: the text of a date is one in JSON, and none in Python. A strict text is the same.
    """
    info, *others = infos
    model = info.annotation
    return (
        not others
        and not isinstance(info, Form)
        and isinstance(model, type)
        and issubclass(model, BaseModel)
        and not _STRICT.search(str(model.__pydantic_core_schema__))
    )


class Entry:
    """A route, and the two ways to call it."""

    def __init__(self, route: APIRoute) -> None:
        self.route = route
        self.handler: Handler = route.get_route_handler()

    @cached_property
    def short(self) -> Short | None:
        """Made when it is first asked for: a start has no time for it."""
        return Short(self.route) if Short.suits(self.route) else None


class Direct:
    """Answers requests for the routes that the app has now; `other` answers all others."""

    def __init__(self, app: FastAPI, other: ASGIApp) -> None:
        self._other = other
        self._on_error: dict[type[Exception], OnError] = {
            kind: handler  # type: ignore[misc] # a coroutine function, as `problems.install` adds
            for kind, handler in app.exception_handlers.items()
            if isinstance(kind, type)
        }
        self._handled = tuple(self._on_error)
        self._fixed: dict[tuple[str, str], Entry] = {}
        self._others: dict[str, list[Entry]] = {}
        for route in app.router.routes:
            if type(route) is not APIRoute or route.max_body_size is not None:  # FastAPI's part, as is the limit
                continue
            entry = Entry(route)
            for method in route.methods or ():
                others = self._others.setdefault(method, [])
                if route.param_convertors or any(other.route.path_regex.match(route.path) for other in others):
                    others.append(entry)
                else:
                    self._fixed.setdefault((method, route.path), entry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = None if scope["type"] != "http" or scope["root_path"] else self._found(scope)
        if found is None:
            await self._other(scope, receive, send)
            return
        scope["route"], scope["endpoint"] = found.route, found.route.endpoint
        request = Request(scope, receive, send)
        try:
            response = None if found.short is None else await found.short(request)
            if response is None:
                async with AsyncExitStack() as sent:
                    scope.update(dict.fromkeys(UNTIL_SENT, sent))
                    async with AsyncExitStack() as answered:
                        scope[UNTIL_ANSWERED] = answered
                        response = await found.handler(request)
                    await response(scope, receive, send)
                    return
        except self._handled as error:
            response = await self._handler_of(error)(request, error)
        await response(scope, receive, send)

    def _found(self, scope: Scope) -> Entry | None:
        """The route of a request; puts the values of its path into the scope."""
        method, path = scope["method"], scope["path"]
        found = self._fixed.get((method, path))
        if found is not None:
            scope["path_params"] = {}
            return found
        for entry in self._others.get(method, ()):
            route = entry.route
            match = route.path_regex.match(path)
            if match is not None:
                convertors = route.param_convertors
                scope["path_params"] = {
                    name: convertors[name].convert(value) for name, value in match.groupdict().items()
                }
                return entry
        return None

    def _handler_of(self, error: Exception) -> OnError:
        return next(self._on_error[kind] for kind in type(error).__mro__ if kind in self._on_error)
