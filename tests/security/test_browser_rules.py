"""What every page tells a browser to allow, and what the cookies allow; on a store front whose components are down."""

import re
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from twinshop.storefront.app import create_app
from twinshop.storefront.pages import page_context

TEMPLATES = Path(page_context.__file__).parents[1] / "templates"
PAGES = ["/", "/search?q=drum", "/cart", "/checkout", "/orders", "/orders/0", "/product/KIT-001", "/nowhere"]
NOBODY = "http://127.0.0.1:9"

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@asynccontextmanager
async def storefront(**settings):
    """A client of a storefront as it runs alone."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("STOREFRONT_SECRET", "0123456789abcdef")
        for component in ("CATALOG", "CART", "PAYMENT", "TRANSLATE"):
            environment.setenv(f"STOREFRONT_{component}_URL", NOBODY)
        for name, value in settings.items():
            environment.setenv(name, value)
        app = create_app()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://shop", headers={"accept": "text/html"}
        ) as client,
    ):
        yield client


@pytest.fixture(scope="module")
async def client():
    """Shared, since building the application takes longer than all requests of a test: no test changes it."""
    async with storefront() as client:
        yield client
        assert not client.cookies


def directives(answer):
    policy = answer.headers["content-security-policy"]
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


@pytest.mark.parametrize("page", [*PAGES, "/docs"])
async def test_every_page_runs_the_shops_own_code_alone(client, page):
    answer = await client.get(page)
    allowed = directives(answer)

    assert answer.headers["content-type"].startswith("text/html")
    assert allowed["default-src"] == "'self'"
    assert "'unsafe-inline'" not in allowed.get("script-src", "")
    assert "'unsafe-eval'" not in str(allowed)
    assert (allowed["object-src"], allowed["base-uri"], allowed["form-action"]) == ("'none'", "'none'", "'self'")
    assert allowed["frame-ancestors"] == "'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("page", PAGES)
async def test_no_page_of_a_visitor_is_kept_by_a_cache(client, page):
    answer = await client.get(page)

    assert answer.headers["cache-control"] == "no-store"
    assert "Cookie" in answer.headers["vary"]


async def test_the_policy_of_the_apis_page_names_its_own_script(client):
    answer = await client.get("/docs")

    assert re.fullmatch(r"'self' 'sha256-[A-Za-z0-9+/]{43}='", directives(answer)["script-src"])


def test_no_template_has_code_or_style_within_the_page():
    for file in TEMPLATES.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text), file.name


@pytest.mark.parametrize("secure", [False, True])
async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(secure):
    async with storefront(STOREFRONT_SECURE_COOKIES=str(secure)) as client:
        answer = await client.post("/language", data={"language": "es"}, headers={"sec-fetch-site": "same-origin"})
        visitor = await client.get("/", headers={"cookie": "twinshop_visitor=forged; __Host-twinshop_visitor=forged"})
    cookies = [cookie for each in (answer, visitor) for cookie in each.headers.get_list("set-cookie")]

    chosen, given = (cookie.partition("=")[0] for cookie in cookies)
    assert chosen == "twinshop_language"
    assert given.startswith("__Host-twinshop_visitor_" if secure else "twinshop_visitor_")
    for cookie in cookies:
        flags = {part.strip() for part in cookie.split(";")}
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= flags
        assert ("Secure" in flags) == secure
        assert not [flag for flag in flags if flag.startswith("Domain")]


@pytest.mark.parametrize("path", ["/language", "/cart/add", "/cart/set", "/checkout"])
@pytest.mark.parametrize("origin", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
async def test_a_form_of_another_site_changes_nothing(client, path, origin):
    answer = await client.post(path, data={"language": "es", "sku": "KIT-001"}, headers=origin)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_an_answer_does_not_tell_what_serves_it(client):
    answer = await client.get("/api/shape")

    assert not {"server", "x-powered-by"} & answer.headers.keys()
