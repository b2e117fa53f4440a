"""The visitor's cookie, and requests that another site's page sends."""

import time

import pytest
from fastapi import Response
from starlette.requests import Request

from twinshop.contracts.errors import Forbidden
from twinshop.storefront.pages.page_context import own_path
from twinshop.storefront.settings import StorefrontSettings
from twinshop.storefront.visitor import COOKIE, Visitors, own_site_only


def request(**headers):
    encoded = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": encoded})


@pytest.fixture
def visitors():
    return Visitors(StorefrontSettings(secret="0123456789abcdef"))


def issued(visitors):
    """A new visitor and the cookie that their browser got."""
    response = Response()
    visitor = visitors.read(request())
    visitors.remember(visitor, response)
    return visitor, response.headers["set-cookie"]


def test_a_cookie_brings_the_same_visitor_back(visitors):
    visitor, cookie = issued(visitors)

    again = visitors.read(request(cookie=cookie.partition(";")[0]))

    assert again.identity == visitor.identity
    assert again.known


def test_a_signature_is_verified_once_and_a_bad_one_each_time(visitors, monkeypatch):
    visitor, cookie = issued(visitors)
    sent, verify, verified = cookie.partition(";")[0], visitors._signer.loads, []
    monkeypatch.setattr(
        visitors._signer, "loads", lambda each, **options: verified.append(each) or verify(each, **options)
    )

    known = [visitors.read(request(cookie=sent)).identity for _ in range(3)]
    forged = [visitors.read(request(cookie=f"{sent}x")).forged for _ in range(3)]

    good = sent.partition("=")[2]
    assert known == [visitor.identity] * 3
    assert forged == [True] * 3
    assert verified == [good, *[f"{good}x"] * 3]


def test_a_known_cookie_grows_too_old_all_the_same(visitors, monkeypatch):
    _, cookie = issued(visitors)
    sent = request(cookie=cookie.partition(";")[0])
    assert visitors.read(sent).known

    monkeypatch.setattr("twinshop.storefront.visitor.YEAR_SECONDS", -1)

    late = visitors.read(sent)
    assert not late.known
    assert late.stale


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites_forms(visitors):
    _, cookie = issued(visitors)

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_behind_tls_the_cookie_is_for_https_only():
    secure = Visitors(StorefrontSettings(secret="0123456789abcdef", secure_cookies=True))

    assert "Secure" in issued(secure)[1]


def test_two_visitors_never_share_a_cookie_and_the_browser_that_has_both_is_one_of_them_everywhere(visitors):
    (first, cookie), (second, other) = issued(visitors), issued(visitors)
    pairs = [cookie.partition(";")[0], other.partition(";")[0]]
    assert len({pair.partition("=")[0] for pair in pairs}) == 2

    read = [visitors.read(request(cookie="; ".join(each))) for each in (pairs, pairs[::-1])]

    assert read[0] == read[1]
    assert read[0].known
    assert set(read[0].identities) == {first.identity, second.identity}


def test_a_cookie_of_another_shop_on_this_host_is_left_to_that_shop(visitors):
    """A browser sends the cookies of a host to all its ports; the other shop may sign with a key of its own."""
    visitor, cookie = issued(visitors)
    _, foreign = issued(Visitors(StorefrontSettings(secret="another secret of length")))

    for cookies in (f"{cookie.partition(';')[0]}; {foreign.partition(';')[0]}", foreign.partition(";")[0]):
        read = visitors.read(request(cookie=cookies))
        response = Response()
        visitors.remember(read, response)

        assert read.stale == frozenset()
        assert b"Max-Age=0" not in b"".join(value for _, value in response.raw_headers)
    assert (
        visitors.read(request(cookie=f"{foreign.partition(';')[0]}; {cookie.partition(';')[0]}")).identity
        == visitor.identity
    )


def test_a_cookie_of_before_is_still_good(visitors):
    visitor, cookie = issued(visitors)
    value = cookie.partition(";")[0].partition("=")[2]

    assert visitors.read(request(cookie=f"{COOKIE}={value}")).identity == visitor.identity


@pytest.mark.parametrize("forge", [lambda value: "x" + value, lambda value: value[:-1], lambda _: "{}", lambda _: ""])
def test_a_forged_cookie_is_noticed_and_gives_nobody_elses_cart(visitors, forge):
    visitor, cookie = issued(visitors)
    value = cookie.partition(";")[0].partition("=")[2]

    read = visitors.read(request(cookie=f"{COOKIE}={forge(value)}"))

    assert read.forged
    assert read.identity.cart != visitor.identity.cart


def test_a_cookie_signed_with_another_key_is_forged(visitors):
    _, cookie = issued(Visitors(StorefrontSettings(secret="another secret of length")))

    assert visitors.read(request(cookie=cookie.partition(";")[0])).forged


@pytest.mark.anyio
@pytest.mark.parametrize(
    "headers",
    [{"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}, {"origin": "http://evil", "host": "shop"}],
)
async def test_a_change_that_another_site_asks_for_is_refused(headers):
    with pytest.raises(Forbidden):
        await own_site_only(request(**headers))


@pytest.mark.anyio
@pytest.mark.parametrize(
    "headers",
    [{"sec_fetch_site": "same-origin"}, {"sec_fetch_site": "none"}, {"origin": "http://shop", "host": "shop"}, {}],
)
async def test_a_change_from_the_shops_own_pages_or_a_program_is_accepted(headers):
    await own_site_only(request(**headers))


@pytest.mark.parametrize("target", ["https://evil", "//evil", "/\\evil", "evil", "/a\nb", "javascript:alert(1)", ""])
def test_nobody_is_sent_to_another_site(target):
    assert own_path(target) == "/"


def test_a_path_of_the_shop_is_kept():
    assert own_path("/search?q=drum&page=2") == "/search?q=drum&page=2"


@pytest.mark.parametrize("how", ["setting", "trusted proxy"])
def test_over_https_the_cookie_has_a_name_that_no_other_host_can_set(how):
    visitors = Visitors(StorefrontSettings(secret="0123456789abcdef", secure_cookies=how == "setting"))
    asked = Request({"type": "http", "headers": [], "scheme": "http" if how == "setting" else "https"})
    response = Response()
    visitor = visitors.read(asked)
    visitors.remember(visitor, response)
    name, _, rest = response.headers["set-cookie"].partition("=")
    value, *attributes = rest.split("; ")

    assert name.startswith(f"__Host-{COOKIE}_")
    assert {"Secure", "Path=/"} <= set(attributes)
    assert not any(attribute.startswith("Domain") for attribute in attributes)

    def again(name):
        headers = [(b"cookie", f"{name}={value}".encode())]
        return visitors.read(Request({**asked.scope, "headers": headers}))

    assert again(name).identity == visitor.identity
    assert not again(COOKIE).known, "a page without TLS can have set that one"


def test_a_cookie_is_good_for_as_long_as_the_browser_keeps_it(visitors, monkeypatch):
    now = time.time()

    def signed(seconds_ago):
        monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now - seconds_ago)
        visitor, cookie = issued(visitors)
        age = int(next(part for part in cookie.split("; ") if part.startswith("Max-Age")).partition("=")[2])
        return visitor, visitors.read(request(cookie=cookie.partition(";")[0])), age

    _, _, age = signed(0)
    visitor, good, _ = signed(age - 60)
    assert good.identity == visitor.identity
    _, late, _ = signed(age + 60)
    assert not late.known
    assert not late.forged
    assert late.stale


def test_a_cookie_of_a_replica_whose_clock_is_ahead_is_good(visitors, monkeypatch):
    now = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 5)
    visitor, cookie = issued(visitors)

    assert visitors.read(request(cookie=cookie.partition(";")[0])).identity == visitor.identity


@pytest.mark.anyio
async def test_the_address_of_a_request_is_compared_and_not_its_spelling():
    await own_site_only(request(origin="http://Shop.lan", host="shop.lan:80"))
