"""The visitor of an API request, strictly: a cookie that this shop did not sign is an error, not a new visitor."""

from fastapi import Request

from twinshop.contracts.errors import Invalid
from twinshop.storefront.visitor import COOKIE, Visitor, Visitors


def read_strictly(visitors: Visitors, request: Request) -> Visitor:
    """Raises Invalid for a forged cookie."""
    visitor = visitors.read(request)
    if visitor.forged:
        raise Invalid(f"The cookie {COOKIE} was not issued by this shop. Leave it out to start with an empty cart.")
    return visitor
