"""Who may show the shop in a frame: its own pages, and one origin if it is named."""

import pytest
from pydantic import ValidationError

from twinshop.storefront.pages.page_context import PageContext
from twinshop.storefront.settings import StorefrontSettings

SECRET = "0123456789abcdef"


def ancestors(framed_by):
    settings = StorefrontSettings(secret=SECRET, framed_by=framed_by)
    policy = PageContext(None, None, None, "mono", settings.framed_by).headers["content-security-policy"]
    return policy.rpartition("frame-ancestors ")[2]


def test_nobody_else_unless_somebody_is_named():
    assert ancestors(None) == "'self'"


def test_the_named_origin_as_well():
    assert ancestors("http://127.0.0.1:8400") == "'self' http://127.0.0.1:8400"


@pytest.mark.parametrize("origin", ["*", "http://a; script-src *", "http://a/path", "javascript:x", ""])
def test_what_is_no_origin_is_refused(origin):
    with pytest.raises(ValidationError):
        StorefrontSettings(secret=SECRET, framed_by=origin)
