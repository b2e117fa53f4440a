"""Which other origins a page may deal with: one may show it in a frame, one is the same shop in the other shape."""

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


def test_the_other_shape_alone_may_be_asked_and_may_read_a_new_visitor_s_page():
    other = "http://localhost:8200"
    headers = PageContext(None, None, None, "mono", other_shape=other).headers

    assert headers["content-security-policy"].endswith(f"; connect-src 'self' {other}")
    assert headers["access-control-allow-origin"] == other
    assert "access-control-allow-credentials" not in headers


def test_without_another_shape_no_other_origin_reads_a_page():
    headers = PageContext(None, None, None, "mono").headers

    assert "connect-src" not in headers["content-security-policy"]
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize("setting", ["framed_by", "other_shape_url"])
@pytest.mark.parametrize("origin", ["*", "http://a; script-src *", "http://a/path", "javascript:x", ""])
def test_what_is_no_origin_is_refused(origin, setting):
    with pytest.raises(ValidationError):
        StorefrontSettings(secret=SECRET, **{setting: origin})
