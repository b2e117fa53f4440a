"""The faults of the lab on a site of containers: those that only Docker can do, and what is different there."""

import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.faults import FaultSpec, known
from twinshop.lab.shapes import parse
from twinshop.storefront.interface import interface
from twinshop.storefront.messages import DOWN
from twinshop.testing import plain_http
from twinshop.testing.groupings import grouping
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
MIB = 2**20
OPTIONS = EnvironmentOptions(replicas={"translate": 2}, faults=True)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Every test leaves it well."""
    shape = parse(grouping("storefront+cart", "catalog+payment"))
    with open_environment(shape, "docker", ROOT, tmp_path_factory.mktemp("site"), OPTIONS) as environment:
        environment.create()
        environment.start()
        environment.wait_ready()
        yield environment


def translation(url, seconds=10.0):
    """The status of a call of the port; None where there is no answer."""
    try:
        return plain_http.get(f"{url}/translate/pairs", timeout=seconds).status_code
    except httpx.HTTPError:
        return None


def translations(environment):
    """A call at each of the two translators, if they run."""
    return [translation(url) for url in environment.control_urls("translate")]


def starts(environment):
    """How often a translator was started again by the engine; 0 while none runs."""
    usage = environment.usage()
    return usage["translate"].starts if "translate" in usage else 0


def are_well(environment):
    return translations(environment) == [200, 200]


def page(environment, path="/"):
    return plain_http.get(environment.url + path, timeout=30, headers={"accept": "text/html"}).text


def test_a_bug_is_planted_into_every_replica(environment):
    with known("errors").on(environment, "translate"):
        assert translations(environment) == [503, 503]

    assert are_well(environment)


def test_what_hangs_is_frozen_and_thaws(environment):
    urls = environment.control_urls("translate")
    with known("hang").on(environment, "translate"):
        assert {each.state for each in environment._containers("translate")} == {"paused"}
        assert [translation(url, 0.5) for url in urls] == [None, None]
        assert interface("es").say(DOWN["translate"]) in page(environment, "/?lang=es")

    assert wait_until(lambda: are_well(environment))


def test_what_is_cut_off_runs_and_is_missed(environment):
    with known("cut").on(environment, "catalog"):
        assert wait_until(lambda: DOWN["catalog"] in page(environment))
        assert "catalog-payment" in environment.usage()

    assert wait_until(lambda: DOWN["catalog"] not in page(environment))


@contextmanager
def kills_by_the_kernel():
    """The containers whose memory ran out; complete after the block. The engine keeps only its newest 256 events."""
    names = []
    command = ["docker", "events", "--filter", "event=oom", "--format", "{{.Actor.Attributes.name}}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as events:
        try:
            yield names
        finally:
            events.terminate()
            names += events.stdout.read().split()


def test_what_leaks_is_killed_by_the_kernel_again_and_again_until_it_is_healed(environment):
    before = starts(environment)
    environment.limit("translate", memory_bytes=250 * MIB)

    with kills_by_the_kernel() as killed:
        with known("leak").on(environment, "translate", FaultSpec(members={"mib_per_second": 400})):
            assert wait_until(lambda: starts(environment) >= before + 4)
        assert wait_until(lambda: are_well(environment))

    assert len([name for name in killed if name.startswith(f"{environment._name}-translate")]) >= 4
    used = environment.usage()["translate"]
    assert used.memory_bytes < 2 * 250 * MIB


def test_what_leaks_without_a_limit_is_given_one(environment):
    assert environment.usage()["catalog-payment"].memory_limit_bytes is None

    with known("leak").on(environment, "payment", FaultSpec(members={"mib_per_second": 400})):
        assert wait_until(lambda: (used := environment.usage().get("catalog-payment")) and used.starts >= 1)

    assert wait_until(lambda: DOWN["catalog"] not in page(environment))
    assert 256 * MIB < environment.usage()["catalog-payment"].memory_limit_bytes < 600 * MIB


def test_without_their_database_catalogue_and_payment_are_missed(environment):
    with known("database-down").on(environment, "payment"):
        assert DOWN["catalog"] in page(environment)
        assert DOWN["payment"] in page(environment, "/orders")

    assert wait_until(
        lambda: DOWN["catalog"] not in page(environment) and DOWN["payment"] not in page(environment, "/orders")
    )


def test_what_is_killed_stays_down_until_it_is_healed(environment):
    with known("crash").on(environment, "translate"):
        time.sleep(1)  # the engine would start it again after 0.1 s
        assert environment.control_urls("translate") == ()

    assert wait_until(lambda: are_well(environment))


def test_a_bug_that_kills_at_every_call_ends_with_a_start(environment):
    before = starts(environment)
    with known("crash-loop").on(environment, "translate"):
        assert wait_until(lambda: translations(environment) != [200, 200] and starts(environment) >= before + 3)

    assert wait_until(lambda: are_well(environment))
