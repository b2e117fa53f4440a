"""What every page handler works with: the shop, the visitor, and the rendering of a page."""

import asyncio
import re
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from twinshop.contracts.errors import Unavailable
from twinshop.kit import context as context_of
from twinshop.kit.problems import RETRY_AFTER_SECONDS, STATUS
from twinshop.storefront import language, messages
from twinshop.storefront.basket import united
from twinshop.storefront.pages.footer import footer
from twinshop.storefront.pages.templates import Templates
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import Visitor, Visitors

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "vary": "Cookie, Accept-Language, HX-Request",
}

_PLAIN = re.compile(r"[A-Za-z0-9/_.-]*")
"""A path that stands in an address as it is."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Notice:
    kind: Literal["info", "success", "warning", "error"]
    text: str


async def or_none(call: Awaitable[Answer]) -> Answer | None:
    """The answer, or None where a component is down: the page then goes without, and a notice says so."""
    try:
        return await call
    except Unavailable:
        return None


def is_htmx(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


@dataclass(frozen=True, slots=True)
class PageContext:
    """One for all handlers of a storefront; `framed_by` is an origin that may show the pages in a frame."""

    shop: Shop
    visitors: Visitors
    templates: Templates
    shape: str
    framed_by: str | None = None
    other_shape: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Of every page; `framed_by` may show it in a frame, `other_shape` may read that of a new visitor."""
        policy = CONTENT_SECURITY_POLICY + (f" {self.framed_by}" if self.framed_by else "")
        if self.other_shape is None:
            return {"content-security-policy": policy, **HEADERS}
        return {
            "content-security-policy": f"{policy}; connect-src 'self' {self.other_shape}",
            "access-control-allow-origin": self.other_shape,
            "access-control-expose-headers": "server-timing",
            **HEADERS,
        }

    async def visitor(self, request: Request) -> Visitor:
        """Who is asking, with one cart."""
        return await united(self.shop, self.visitors.read(request))

    async def pieces(self, visitor: Visitor) -> int | None:
        """How many pieces are in the cart; None while the cart is down. A visitor who never added any costs no call."""
        if not visitor.known:
            return 0
        cart = await or_none(self.shop.carts.get(visitor.identity.cart))
        return None if cart is None else cart.pieces

    async def with_pieces(self, visitor: Visitor, content: Awaitable[Answer]) -> tuple[Answer, int | None]:
        """Content of the page and the count in its header, asked for at the same time."""
        return await asyncio.gather(content, self.pieces(visitor))

    async def page(
        self,
        request: Request,
        visitor: Visitor,
        template: str,
        *,
        pieces: int | None,
        say: Iterable[str] = (),
        notices: Iterable[Notice] = (),
        status: int = 200,
        **values: Any,  # noqa: ANN401 - whatever the template needs
    ) -> Response:
        """
        Render a template in the visitor's language.

        `say` are the texts that come from data; the template's own are in the catalogue of the interface. `pieces` is
        the count in the header. A language in the address is remembered, as one from the picker is: the next page is in
        it, too.
        """
        lang = language.wanted(request)
        told = list(notices)
        if visitor.forged:
            told.append(Notice("warning", messages.FORGED))
        words = await language.words_for(self.shop.translator, lang, say)
        said = {notice.text for notice in told}
        told += [notice for notice in _outages(words) if notice.text not in said]
        body = self.templates.get(template, lang).render(
            here=_here(request),
            other_shape=self.other_shape,
            cart_pieces=pieces,
            notices=told,
            search_text=request.query_params.get("q", "")[:100],
            footer=footer(self.shop, self.shape, perf_counter() - context_of.started.get()),
            words=words,
            **values,
        )
        response = HTMLResponse(body, status, self.headers)
        if status == STATUS[Unavailable.code]:
            response.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
        if language.matched(request.query_params.get("lang", "")) not in {None, request.cookies.get(language.COOKIE)}:
            self.visitors.remember_language(lang, request, response)
        if visitor.forged:
            self.visitors.remember(visitor, response)  # the notice is given once
        else:
            self.visitors.forget(visitor, response)
        return response

    def back_to(self, target: str, visitor: Visitor) -> Response:
        """Send a browser that posted a form on to a page of this shop, and remember the visitor."""
        response = RedirectResponse(own_path(target), 303)
        self.visitors.remember(visitor, response)
        return response


def own_path(target: str) -> str:
    """The target if it is a path of this shop, else the home page: no visitor is redirected to another site."""
    own = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if own and "\\" not in target else "/"


def _here(request: Request) -> str:
    """Where the language picker leads back to: this page without a language in its address, if it can be asked for."""
    if request.method not in {"GET", "HEAD"}:
        return "/"
    path: str = request.scope["path"]
    if _PLAIN.fullmatch(path) is None:
        path = request.url.path  # puts the whole address together: a thirtieth of the time of a page
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "lang"])
    return path + (f"?{query}" if query else "")


def _outages(words: language.Words) -> list[Notice]:
    """One notice for each component that failed while this page was made, the same for every page."""
    failed = dict.fromkeys(hop.component for hop in context_of.hops.get() or () if not hop.ok)
    outages = [Notice("warning", messages.down(component)) for component in failed]
    if words.available and not words.complete:
        outages.append(Notice("info", messages.NOT_TRANSLATED))
    return outages
