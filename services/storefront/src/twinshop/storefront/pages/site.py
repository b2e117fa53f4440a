"""What is not shopping: the language picker, static files, pages about errors."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, FastAPI, Form, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from twinshop.contracts.errors import ShopError
from twinshop.kit import problems
from twinshop.storefront import language
from twinshop.storefront.pages.desk import CONTENT_SECURITY_POLICY, HEADERS, Desk, own_path
from twinshop.storefront.pages.templates import STATIC, digest_of, static_url
from twinshop.storefront.telling import told
from twinshop.storefront.visitor import PRIVATE, OwnSiteOnly

YEAR_SECONDS = 365 * 24 * 3600
DOCS = {"deepLinking": False, "tryItOutEnabled": True, "defaultModelsExpandDepth": -1, "syntaxHighlight": False}
"""Of Swagger UI: no links within the buttons that open an operation, and each operation ready to be executed."""


def router(desk: Desk) -> APIRouter:
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
            desk.visitors.remember_language(code, request, response)
        return response

    @routes.get("/static/{path:path}")
    async def static(request: Request, path: str) -> Response:
        response = await files.get_response(path, request.scope)
        # a page of another version asks for another content: what it gets from here is not to be kept
        if (wanted := request.query_params.get("v")) and wanted == digest_of(path):
            response.headers["cache-control"] = f"public, max-age={YEAR_SECONDS}, immutable"
        response.headers["x-content-type-options"] = "nosniff"
        return response

    @routes.get("/docs")
    async def docs(request: Request) -> Response:
        """The API's description, without the internet: its script and style come from here."""
        assert isinstance(request.app, FastAPI)
        page = get_swagger_ui_html(
            openapi_url=request.app.openapi_url or "",
            title=f"{request.app.title} API",
            swagger_js_url=static_url("vendor/swagger-ui-bundle.js"),
            swagger_css_url=static_url("vendor/swagger-ui.css"),
            swagger_favicon_url=static_url("favicon.svg"),
            swagger_ui_parameters=DOCS,
        )
        html = _accessible(bytes(page.body).decode())
        return HTMLResponse(html, headers={**HEADERS, "content-security-policy": _policy_of_docs(html)})

    @routes.get("/favicon.ico")
    async def favicon(request: Request) -> Response:
        return await files.get_response("favicon.svg", request.scope)

    return routes


def _accessible(html: str) -> str:
    """FastAPI's page with its language, and with what mends Swagger UI's contrast, names and keyboard reach."""
    style = f'<link rel="stylesheet" href="{static_url("docs.css")}">'
    script = f'<script src="{static_url("docs.js")}" defer></script>'
    return html.replace("<html>", '<html lang="en">', 1).replace("</head>", f"{style}\n{script}\n</head>", 1)


def _policy_of_docs(html: str) -> str:
    """As for the pages, but for FastAPI's one inline script, known by its hash, and what Swagger UI draws with."""
    inline = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = " ".join(f"'sha256-{b64encode(sha256(code.encode()).digest()).decode()}'" for code in inline)
    drawing = "style-src 'self' 'unsafe-inline'; img-src 'self' data:"
    return f"{CONTENT_SECURITY_POLICY}; script-src 'self' {hashes}; {drawing}"


def renderer(desk: Desk) -> problems.Renderer:
    """Errors as a page for people, as a problem document for programs."""

    async def render(request: Request, problem: problems.Problem) -> Response:
        path = request.url.path
        if path.startswith(("/api", "/openapi")) or "text/html" not in request.headers.get("accept", "text/html"):
            answer = problem.response()
            answer.headers.update(PRIVATE)
            return answer
        visitor = desk.visitors.read(request)
        try:
            pieces = await desk.pieces(visitor)
        except ShopError:  # whatever is wrong with the cart, this page is about something else
            pieces = None
        detail = told(problem.code, problem.detail, problem.facts)
        page = await desk.page(
            request,
            visitor,
            "problem.html",
            pieces=pieces,
            status=problem.status,
            problem=replace(problem, detail=detail),
        )
        page.headers.update(problem.headers)
        return page

    return render
