"""
Who is asking: a shopper id and a cart id in one signed cookie, and the language.

There are no accounts: the cookie is all there is, so it is signed, out of reach of scripts, and not sent by the forms
of other sites. It is set when there is something to remember, not before.

So a new visitor's first two additions may each come without a cookie, and each is given an identity. Every identity has
a cookie of its own name, so that no answer can overwrite what another one has set: the browser comes back with both,
and `basket.united` puts the carts together. One of them is the visitor from then on, the same one in every replica; the
other's cookie goes when nothing hangs on it any more.
"""

from dataclasses import dataclass

from fastapi import Depends, Request, Response
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import TypeAdapter, ValidationError

from twinshop.contracts.errors import Forbidden
from twinshop.contracts.values import OpaqueId, Value
from twinshop.storefront.ids import new_id
from twinshop.storefront.settings import StorefrontSettings

COOKIE = "twinshop_visitor"
PRIVATE = {"cache-control": "no-store", "vary": "Cookie, Accept-Language", "x-content-type-options": "nosniff"}
"""Headers of what the API says to one visitor, in the visitor's language: no cache is to give it to another."""
NAMED_BY = 8
"""Characters of the shopper's id that its cookie is named by."""
MOST = 4
"""Identities of one browser that are put together: more than races make, and few enough to look at in a request."""
YEAR_SECONDS = 365 * 24 * 3600


class Identity(Value):
    shopper: OpaqueId
    cart: OpaqueId


_IDENTITY = TypeAdapter(Identity)


@dataclass(frozen=True, slots=True)
class Visitor:
    """
    `known`: came with a good cookie. `forged`: came with none but such that this shop did not sign.

    `others` are further identities that the same browser was given; `stale` are cookies that it is to forget.
    """

    identity: Identity
    known: bool
    forged: bool
    others: tuple[Identity, ...] = ()
    stale: frozenset[str] = frozenset()

    @property
    def identities(self) -> tuple[Identity, ...]:
        return (self.identity, *self.others)


def cookie_name(identity: Identity) -> str:
    """Return the name of the cookie for an identity: two never share one."""
    return f"{COOKIE}_{identity.shopper[:NAMED_BY]}"


class Visitors:
    """Reads and writes the cookie."""

    def __init__(self, settings: StorefrontSettings) -> None:
        self._signer = URLSafeSerializer(settings.secret.get_secret_value(), salt="visitor")
        self._secure = settings.secure_cookies

    def read(self, request: Request) -> Visitor:
        good: dict[str, Identity] = {}
        stale = set()
        for name, cookie in request.cookies.items():
            if not name.startswith(COOKIE):
                continue
            try:
                identity = _IDENTITY.validate_python(self._signer.loads(cookie))
            except (BadSignature, ValidationError):
                stale.add(name)
            else:
                good[name] = identity
        found = sorted({identity.cart: identity for identity in good.values()}.values(), key=lambda each: each.cart)
        if not found:
            new = Identity(shopper=new_id(), cart=new_id())
            return Visitor(new, known=False, forged=bool(stale), stale=frozenset(stale))
        return Visitor(found[0], known=True, forged=False, others=tuple(found[1:MOST]), stale=frozenset(stale))

    def remember(self, visitor: Visitor, response: Response) -> None:
        """Set the cookie unless the browser has it already; forget those that are stale."""
        self.forget(visitor, response)
        if not visitor.known:
            value = self._signer.dumps(visitor.identity.model_dump())
            assert isinstance(value, str)
            self._set(response, cookie_name(visitor.identity), value)

    def forget(self, visitor: Visitor, response: Response) -> None:
        """Delete the cookies that are stale."""
        for name in visitor.stale:
            response.delete_cookie(name, httponly=True, samesite="lax", secure=self._secure)

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
