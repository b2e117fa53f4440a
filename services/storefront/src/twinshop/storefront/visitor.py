"""
Who is asking: a shopper id and a cart id in one signed cookie, and the language.

There are no accounts: the cookie is all there is, so it is signed, out of reach of scripts, and not sent by the forms
of other sites. It is set when there is something to remember, not before.

So a new visitor's first two additions may each come without a cookie, and each is given an identity. Every identity has
a cookie of its own name, so that no answer can overwrite what another one has set: the browser comes back with both,
and `basket.united` puts the carts together. One of them is the visitor from then on, the same one in every replica; the
other's cookie goes when nothing hangs on it any more. Browsers send a host's cookies to all its ports, so a cookie that
this shop does not know may be that of another shop, and is left alone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from fastapi import Depends, Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import TypeAdapter, ValidationError

from twinshop.contracts.errors import Forbidden
from twinshop.contracts.values import OpaqueId, Value
from twinshop.kit import hosts
from twinshop.storefront.ids import new_id
from twinshop.storefront.settings import StorefrontSettings

COOKIE = "twinshop_visitor"
PRIVATE = {"cache-control": "no-store", "vary": "Cookie, Accept-Language", "x-content-type-options": "nosniff"}
"""Headers of what the API says to one visitor, in the visitor's language: no cache is to give it to another."""
NAMED_BY = 8
"""Characters of the shopper's id that its cookie is named by."""
MOST = 4
"""Identities of one browser that are put together: more than races make, and few enough to look at in a request."""
VERIFIED_COOKIES = 1024
"""Good cookies whose content is remembered: those that browsers are sending now."""
YEAR_SECONDS = 365 * 24 * 3600


class Identity(Value):
    shopper: OpaqueId
    cart: OpaqueId


_IDENTITY = TypeAdapter(Identity)


@dataclass(frozen=True, slots=True)
class Visitor:
    """
    Who asked.

    Attributes:
        identity: the one in use.
        known: came with a good cookie.
        forged: came with none but such that this shop did not sign.
        others: further identities that the same browser was given.
        stale: names of cookies that the browser is to forget.
        secure: came over HTTPS, or is to be treated so.
    """

    identity: Identity
    known: bool
    forged: bool
    others: tuple[Identity, ...] = ()
    stale: frozenset[str] = frozenset()
    secure: bool = False

    @property
    def identities(self) -> tuple[Identity, ...]:
        return (self.identity, *self.others)


def cookie_name(identity: Identity, *, secure: bool = False) -> str:
    """Return the name of the cookie for an identity: two never share one."""
    return _name(f"{COOKIE}_{identity.shopper[:NAMED_BY]}", secure=secure)


class Visitors:
    """Reads and writes the cookie."""

    def __init__(self, settings: StorefrontSettings) -> None:
        self._signer = URLSafeTimedSerializer(settings.secret.get_secret_value(), salt="visitor")
        self._secure = settings.secure_cookies
        # A signature stays good for as long as the key does, so it is verified once; its age is looked at each time.
        self._content = lru_cache(VERIFIED_COOKIES)(self._verified)

    def read(self, request: Request) -> Visitor:
        secure = self._is_secure(request)
        now = datetime.now(UTC)
        good: dict[str, Identity] = {}
        stale, forged = set(), False
        for name, cookie in request.cookies.items():
            if not name.startswith(_name(COOKIE, secure=secure)):
                continue
            try:
                identity, signed_at = self._content(cookie)
            except (BadSignature, ValidationError):
                forged = True  # or another shop's on this host, whose key is not ours: not ours to delete either
            else:
                # The browser forgets the cookie by then; a copy of it is not good for longer. Not by `max_age`: that
                # refuses what another replica, whose clock is a moment ahead, has just signed.
                if (now - signed_at).total_seconds() > YEAR_SECONDS:
                    stale.add(name)
                else:
                    good[name] = identity
        found = sorted({identity.cart: identity for identity in good.values()}.values(), key=lambda each: each.cart)
        forgotten = frozenset(stale)
        if not found:
            new = Identity(shopper=new_id(), cart=new_id())
            return Visitor(new, known=False, forged=forged, stale=forgotten, secure=secure)
        others = tuple(found[1:MOST])
        return Visitor(found[0], known=True, forged=False, others=others, stale=forgotten, secure=secure)

    def _verified(self, cookie: str) -> tuple[Identity, datetime]:
        """The content of a cookie and when it was signed; raises BadSignature or ValidationError."""
        content, signed_at = self._signer.loads(cookie, return_timestamp=True)
        return _IDENTITY.validate_python(content), signed_at

    def remember(self, visitor: Visitor, response: Response) -> None:
        """Set the cookie unless the browser has it already; forget those that are stale."""
        self.forget(visitor, response)
        if not visitor.known:
            value = self._signer.dumps(visitor.identity.model_dump())
            assert isinstance(value, str)
            name = cookie_name(visitor.identity, secure=visitor.secure)
            response.set_cookie(name, value, max_age=YEAR_SECONDS, secure=visitor.secure, httponly=True, samesite="lax")

    def forget(self, visitor: Visitor, response: Response) -> None:
        """Delete the cookies that are stale."""
        for name in visitor.stale:
            response.delete_cookie(name, httponly=True, samesite="lax", secure=visitor.secure)

    def remember_language(self, language: str, request: Request, response: Response) -> None:
        secure = self._is_secure(request)
        response.set_cookie(
            "twinshop_language", language, max_age=YEAR_SECONDS, secure=secure, httponly=True, samesite="lax"
        )

    def _is_secure(self, request: Request) -> bool:
        return self._secure or request.scope.get("scheme") == "https"


def _name(name: str, *, secure: bool) -> str:
    """Over HTTPS a name that browsers let no other host, and no page without TLS, set (`__Host-`, RFC 6265bis)."""
    return f"__Host-{name}" if secure else name


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
        asked = request.headers.get("host", "")
        foreign = origin is not None and not hosts.same(origin, asked, request.scope.get("scheme", "http"))
    if foreign:
        raise Forbidden("This request came from another site's page.")


OwnSiteOnly = Depends(own_site_only)
