"""The description of the API for people: Swagger UI, served from here."""

import re
from base64 import b64encode
from hashlib import sha256

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, Response

from twinshop.storefront.pages.page_context import CONTENT_SECURITY_POLICY, HEADERS
from twinshop.storefront.pages.templates import static_url

DOCS = {"deepLinking": False, "tryItOutEnabled": True, "defaultModelsExpandDepth": -1, "syntaxHighlight": False}
"""Of Swagger UI: no links within the buttons that open an operation, and each operation ready to be executed."""


def router() -> APIRouter:
    routes = APIRouter(include_in_schema=False)

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
