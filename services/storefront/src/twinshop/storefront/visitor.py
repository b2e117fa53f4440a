"""
Who is asking: a shopper id and a cart id in one signed cookie, and the language.

There are no accounts: the cookie is all there is, so it is signed, out of reach of scripts, and not sent by the forms
of other sites. It is set when there is something to remember, not before.
"""

import secrets
from dataclasses import dataclass

from fastapi import Depends, Request, Response
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import TypeAdapter, ValidationError

from twinshop.contracts.errors import Forbidden
from twinshop.contracts.values import OpaqueId, Value
from twinshop.storefront.settings import StorefrontSettings

COOKIE = "twinshop_visitor"
PRIVATE = {"cache-control": "no-store", "vary": "Cookie, Accept-Language", "x-content-type-options": "nosniff"}
"""Headers of what the API says to one visitor, in the visitor's language: no cache is to give it to another."""
YEAR_SECONDS = 365 * 24 * 3600


def new_id() -> str:
    """An unguessable id for a shopper, a cart, a change or an order form."""
    return secrets.token_urlsafe(18)


class Identity(Value):
    shopper: OpaqueId
    cart: OpaqueId


_IDENTITY = TypeAdapter(Identity)


@dataclass(frozen=True, slots=True)
class Visitor:
    """`known`: came with a good cookie. `forged`: came with one that this shop did not sign."""

    identity: Identity
    known: bool
    forged: bool


class Visitors:
    """Reads and writes the cookie."""

    def __init__(self, settings: StorefrontSettings) -> None:
        self._signer = URLSafeSerializer(settings.secret.get_secret_value(), salt="visitor")
        self._secure = settings.secure_cookies

    def read(self, request: Request) -> Visitor:
        cookie = request.cookies.get(COOKIE)
        if cookie is None:
            return Visitor(Identity(shopper=new_id(), cart=new_id()), known=False, forged=False)
        try:
            identity = _IDENTITY.validate_python(self._signer.loads(cookie))
        except (BadSignature, ValidationError):
            return Visitor(Identity(shopper=new_id(), cart=new_id()), known=False, forged=True)
        return Visitor(identity, known=True, forged=False)

    def remember(self, visitor: Visitor, response: Response) -> None:
        """Set the cookie unless the browser has it already."""
        if not visitor.known:
            value = self._signer.dumps(visitor.identity.model_dump())
            assert isinstance(value, str)
            self._set(response, COOKIE, value)

    def _set(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(name, value, max_age=YEAR_SECONDS, httponly=True, samesite="lax", secure=self._secure)

    def remember_language(self, language: str, response: Response) -> None:
        self._set(response, "twinshop_language", language)


async def own_site_only(request: Request) -> None:
    """
    Refuse a change that another site's page asked for (CSRF).

    Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; programs send neither and have no cookie to abuse.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        foreign = site not in {"same-origin", "none"}
    else:
        foreign = origin is not None and origin.partition("://")[2] != request.headers.get("host")
    if foreign:
        raise Forbidden("This request came from another site's page.")


OwnSiteOnly = Depends(own_site_only)
