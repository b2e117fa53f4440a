"""
Fault injection over HTTP: `POST`, `GET` and `DELETE` under `/faults`, for clients with the token.

Under `/faults/books` are the books of the components, bypassing injected faults, so that the experiment can check what
it did to them.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import SecretStr
from starlette.exceptions import HTTPException

from twinshop.contracts.errors import NotFound
from twinshop.contracts.values import Value
from twinshop.kit import problems
from twinshop.kit.faults.injector import Injector
from twinshop.kit.faults.models import Fault, Injection

PATH = "/faults"


class Faults(Value):
    """The components that accept faults here, and the injected faults."""

    hosted: tuple[str, ...]
    faults: tuple[Injection, ...]


Books = Mapping[str, Callable[[], Awaitable[Value]]]


def router(injector: Injector, token: SecretStr, books: Books) -> APIRouter:
    """The routes; none of them is in the OpenAPI document, which belongs to the shop."""
    routes = APIRouter(prefix=PATH, include_in_schema=False, route_class=_guarded_by(token))

    @routes.post("", status_code=201)
    async def inject(fault: Fault) -> Injection:
        """Inject a fault. It is active in every worker of this server when the response arrives."""
        injection = injector.inject(fault)
        await asyncio.sleep(injector.settling_seconds)
        return injection

    @routes.get("")
    async def injections() -> Faults:
        return Faults(hosted=tuple(injector.hosted), faults=tuple(injector.injections()))

    @routes.get("/books/{component}")
    async def read_books(component: str) -> Response:
        """Return what the component has stored, entry by entry."""
        if component not in books:
            raise NotFound(f"This process keeps no books of {component}.", kept=[*books])
        value = await books[component]()
        return Response(value.model_dump_json(), media_type="application/json")

    @routes.delete("/{component}", status_code=204)
    async def revert(component: str) -> None:
        """Revert all faults of a component; succeeds if there are none."""
        injector.revert(component)
        await asyncio.sleep(injector.settling_seconds)

    return routes


def _guarded_by(token: SecretStr) -> type[APIRoute]:
    """Routes that look at nothing of a request, its body neither, before its token."""
    expected = f"Bearer {token.get_secret_value()}".encode()

    class Guarded(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                offered = request.headers.get("authorization", "").encode()
                if not secrets.compare_digest(offered, expected):
                    raise HTTPException(401, "The fault routes require their token.", {"WWW-Authenticate": "Bearer"})
                return await handle(request)

            return guarded

    return Guarded


def for_programs(render: problems.Renderer) -> problems.Renderer:
    """The same renderer, but for the errors of these routes: those are problem documents, whatever the others are."""

    async def rendered(request: Request, problem: problems.Problem) -> Response:
        path = request.url.path
        if path == PATH or path.startswith(f"{PATH}/"):
            return problem.response()
        return await render(request, problem)

    return rendered
