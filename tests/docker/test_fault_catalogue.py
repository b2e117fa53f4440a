"""The faults of the lab on a site of containers: those that only Docker can do, and what is different there."""

import time
from pathlib import Path

import httpx
import pytest

from twinshop.lab.environments.open import open_site
from twinshop.lab.environments.protocol import SiteOptions
from twinshop.lab.faults import Dose, known
from twinshop.lab.shapes import parse
from twinshop.storefront.messages import DOWN
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
MIB = 2**20
OPTIONS = SiteOptions(replicas={"translate": 2}, faults=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Every test leaves it well."""
    shape = parse("storefront+cart,catalog+payment,translate")
    with open_site(shape, "docker", ROOT, tmp_path_factory.mktemp("site"), OPTIONS) as site:
        site.create()
        site.start()
        site.wait_ready()
        yield site


def translation(url, seconds=10.0):
    """The status of a call of the port; None where there is no answer."""
    try:
        return httpx.get(f"{url}/translate/find?q=jardin&language=es", timeout=seconds).status_code
    except httpx.HTTPError:
        return None


def translations(site):
    """A call at each of the two translators, if they run."""
    return [translation(url) for url in site.control_urls("translate")]


def starts(site):
    """How often a translator was started again by the engine; 0 while none runs."""
    usage = site.usage()
    return usage["translate"].starts if "translate" in usage else 0


def are_well(site):
    return translations(site) == [200, 200]


def page(site, path="/"):
    return httpx.get(site.url + path, timeout=30, headers={"accept": "text/html"}).text


def test_a_bug_is_planted_into_every_replica(site):
    with known("errors").on(site, "translate"):
        assert translations(site) == [503, 503]

    assert are_well(site)


def test_what_hangs_is_frozen_and_thaws(site):
    urls = site.control_urls("translate")
    with known("hang").on(site, "translate"):
        assert {each.state for each in site._containers("translate")} == {"paused"}
        assert [translation(url, 0.5) for url in urls] == [None, None]
        assert DOWN["translate"] in page(site, "/?lang=es")

    assert wait_until(lambda: are_well(site))


def test_what_is_cut_off_runs_and_is_missed(site):
    with known("cut").on(site, "catalog"):
        assert wait_until(lambda: DOWN["catalog"] in page(site))
        assert "catalog-payment" in site.usage()

    assert wait_until(lambda: DOWN["catalog"] not in page(site))


def test_what_leaks_is_killed_by_the_kernel_again_and_again_until_it_is_healed(site, docker):
    since, before = int(time.time()), starts(site)
    site.limit("translate", memory_bytes=250 * MIB)

    with known("leak").on(site, "translate", Dose(members={"mib_per_second": 400})):
        assert wait_until(lambda: starts(site) >= before + 4)

    assert wait_until(lambda: are_well(site))
    killed = docker("events", "--since", since, "--until", int(time.time()) + 1, "--filter", "event=oom")
    assert len([line for line in killed.splitlines() if f"{site._name}-translate" in line]) >= 4
    used = site.usage()["translate"]
    assert used.memory_bytes < 2 * 250 * MIB


def test_what_leaks_without_a_limit_is_given_one(site):
    assert site.usage()["catalog-payment"].memory_limit_bytes is None

    with known("leak").on(site, "payment", Dose(members={"mib_per_second": 400})):
        assert wait_until(lambda: (used := site.usage().get("catalog-payment")) and used.starts >= 1)

    assert wait_until(lambda: DOWN["catalog"] not in page(site))
    assert 256 * MIB < site.usage()["catalog-payment"].memory_limit_bytes < 600 * MIB


def test_without_their_database_catalogue_and_payment_are_missed(site):
    with known("database-down").on(site, "payment"):
        assert DOWN["catalog"] in page(site)
        assert DOWN["payment"] in page(site, "/orders")

    assert wait_until(lambda: DOWN["catalog"] not in page(site) and DOWN["payment"] not in page(site, "/orders"))


def test_what_is_killed_stays_down_until_it_is_healed(site):
    with known("crash").on(site, "translate"):
        time.sleep(1)  # the engine would start it again after 0.1 s
        assert site.control_urls("translate") == ()

    assert wait_until(lambda: are_well(site))


def test_a_bug_that_kills_at_every_call_ends_with_a_start(site):
    before = starts(site)
    with known("crash-loop").on(site, "translate"):
        assert wait_until(lambda: translations(site) != [200, 200] and starts(site) >= before + 3)

    assert wait_until(lambda: are_well(site))
