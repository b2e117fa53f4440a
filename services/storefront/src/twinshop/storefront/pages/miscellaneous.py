"""The language picker, pictures, styles and scripts."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from twinshop.storefront import language
from twinshop.storefront.pages.page_context import PageContext, own_path
from twinshop.storefront.pages.templates import STATIC, digest_of
from twinshop.storefront.visitor import OwnSiteOnly

YEAR_SECONDS = 365 * 24 * 3600


def router(context: PageContext) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    files = StaticFiles(directory=STATIC)

    @routes.post("/language", dependencies=[OwnSiteOnly])
    async def choose(
        request: Request,
        chosen: Annotated[str, Form(alias="language")] = "",
        target: Annotated[str, Form(alias="next")] = "/",
    ) -> Response:
        response = RedirectResponse(own_path(target), 303)
        if (code := language.matched(chosen)) is not None:
            context.visitors.remember_language(code, request, response)
        return response

    @routes.get("/static/{path:path}")
    async def static(request: Request, path: str) -> Response:
        response = await files.get_response(path, request.scope)
        # a page of another version asks for another content: what it gets from here is not to be kept
        if (wanted := request.query_params.get("v")) and wanted == digest_of(path):
            response.headers["cache-control"] = f"public, max-age={YEAR_SECONDS}, immutable"
        response.headers["x-content-type-options"] = "nosniff"
        return response

    @routes.get("/favicon.ico")
    async def favicon(request: Request) -> Response:
        return await files.get_response("favicon.svg", request.scope)

    return routes
