"""An error as a page."""

from dataclasses import replace

from fastapi import Request
from fastapi.responses import Response

from twinshop.contracts.errors import ShopError
from twinshop.kit import problems
from twinshop.storefront.pages.page_context import PageContext
from twinshop.storefront.pages.problem_texts import problem_text
from twinshop.storefront.visitor import PRIVATE


def renderer(context: PageContext) -> problems.Renderer:
    """Errors as a page for people, as a problem document for programs."""

    async def render(request: Request, problem: problems.Problem) -> Response:
        path = request.url.path
        if path.startswith(("/api", "/openapi")) or "text/html" not in request.headers.get("accept", "text/html"):
            answer = problem.response()
            answer.headers.update(PRIVATE)
            return answer
        visitor = context.visitors.read(request)
        try:
            pieces = await context.pieces(visitor)
        except ShopError:  # whatever is wrong with the cart, this page is about something else
            pieces = None
        detail = problem_text(problem.code, problem.detail, problem.facts)
        page = await context.page(
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
