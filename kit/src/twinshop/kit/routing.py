"""
From the edge straight to a route's handler.

FastAPI puts six layers between a middleware and a route, tries the routes one by one, and wraps each in two more
layers: twice what the edge takes, on each page and each call between components. Here the route is looked up, and its
handler, which validates the request and calls the function, is FastAPI's own. Everything else (static files, documents,
404 and 405) goes through FastAPI as usual.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Handler = Callable[[Request], Awaitable[Response]]
OnError = Callable[[Request, Exception], Awaitable[Response]]
STACKS = ("fastapi_middleware_astack", "fastapi_inner_astack", "fastapi_function_astack")
"""Where FastAPI's handlers look for what closes uploaded files and dependencies."""


class App(FastAPI):
    """A FastAPI whose own middlewares, of which the first is outermost, are round the routes and nothing else is."""

    def build_middleware_stack(self) -> ASGIApp:
        """Without FastAPI's layers for crashes and limits, which are the edge's part."""
        handlers: dict[Any, Any] = dict(self.exception_handlers)
        through_fastapi = ExceptionMiddleware(AsyncExitStackMiddleware(self.router), handlers, self.debug)
        app: ASGIApp = Direct(self, through_fastapi)
        for middleware in reversed(self.user_middleware):
            app = middleware.cls(app, *middleware.args, **middleware.kwargs)
        return app


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
        self._fixed: dict[tuple[str, str], tuple[APIRoute, Handler]] = {}
        self._others: dict[str, list[tuple[APIRoute, Handler]]] = {}
        for route in app.router.routes:
            if type(route) is not APIRoute:
                continue
            entry = (route, route.get_route_handler())
            for method in route.methods or ():
                others = self._others.setdefault(method, [])
                if route.param_convertors or any(other.path_regex.match(route.path) for other, _ in others):
                    others.append(entry)
                else:
                    self._fixed.setdefault((method, route.path), entry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = None if scope["type"] != "http" or scope["root_path"] else self._found(scope)
        if found is None:
            await self._other(scope, receive, send)
            return
        route, handler = found
        scope["route"], scope["endpoint"] = route, route.endpoint
        request = Request(scope, receive, send)
        try:
            async with AsyncExitStack() as stack:
                for name in STACKS:
                    scope[name] = stack
                response = await handler(request)
        except self._handled as error:
            response = await self._handler_of(error)(request, error)
        await response(scope, receive, send)

    def _found(self, scope: Scope) -> tuple[APIRoute, Handler] | None:
        """The route of a request and its handler; puts the values of its path into the scope."""
        method, path = scope["method"], scope["path"]
        found = self._fixed.get((method, path))
        if found is not None:
            scope["path_params"] = {}
            return found
        for entry in self._others.get(method, ()):
            route = entry[0]
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
