"""Every fault that the local runtime can do, on a real environment: the component is hurt, and well again."""

import http.client
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import JsonValue

from twinshop.lab.environments.open import open_environment
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.faults import FAULTS, FaultSpec, known, routes
from twinshop.lab.shapes import parse
from twinshop.testing.groupings import grouping, others

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SHAPE = parse(grouping(others("translate")))
SECONDS = 60
SILENCE = None
REFUSED = 0
SOON: Mapping[str, JsonValue] = {"after_seconds": 0.2}
"""Bugs begin a second after they were planted, which would make these tests long."""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Every test leaves it well."""
    with open_environment(
        SHAPE, "local", ROOT, tmp_path_factory.mktemp("site"), EnvironmentOptions(faults=True)
    ) as environment:
        environment.create()
        environment.start()
        environment.wait_ready(SECONDS)
        yield environment


def get(environment, part, path, seconds=SECONDS):
    """The status of an answer; 0 where nobody listens or the connection breaks, None after so many seconds."""
    (url,) = environment.control_urls(part)
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except TimeoutError:
        return SILENCE
    except (OSError, http.client.HTTPException):
        return REFUSED
    finally:
        connection.close()


def translate(environment, seconds=SECONDS):
    """A call of the translator's port."""
    return get(environment, "translate", "/translate/pairs", seconds)


def planted(environment):
    """The kinds of the bugs that the translator has."""
    (url,) = environment.control_urls("translate")
    return [each["fault"]["kind"] for each in routes.injected(url, environment.token)]


def alive(environment, seconds=SECONDS):
    """A request that calls no port."""
    return get(environment, "translate", "/livez", seconds)


def eventually(what, wanted):
    deadline = time.monotonic() + SECONDS
    while (found := what()) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def seconds_of(action):
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def cpu_seconds_of(environment, action):
    before = environment.usage()["translate"].cpu_seconds
    action()
    return environment.usage()["translate"].cpu_seconds - before


def restarts_of(environment, action):
    before = environment.usage()["translate"].starts
    action()
    eventually(lambda: alive(environment), 200)
    return environment.usage()["translate"].starts - before


SIGNS = {
    "crash": lambda environment: (translate(environment), "translate" in environment.usage()) == (REFUSED, False),
    "hang": lambda environment: (translate(environment, 0.5), "translate" in environment.usage()) == (SILENCE, True),
    "burn": lambda environment: (
        cpu_seconds_of(environment, lambda: translate(environment)) >= 0.2
    ),  # counted in hundredths
    "spin": lambda environment: cpu_seconds_of(environment, lambda: time.sleep(1)) >= 0.1,
    "block": lambda environment: seconds_of(lambda: translate(environment)) >= 0.25,
    "latency": lambda environment: seconds_of(lambda: translate(environment)) >= 1,
    "stall": lambda environment: (translate(environment, 1), alive(environment)) == (SILENCE, 200),
    "errors": lambda environment: (translate(environment), alive(environment)) == (503, 200),
    "bug": lambda environment: (translate(environment), alive(environment)) == (500, 200),
    "crash-loop": lambda environment: (
        [restarts_of(environment, lambda: translate(environment)) for _ in range(2)] == [1, 1]
    ),
}
"""How to see that the translator has a fault."""


@pytest.mark.parametrize("name", SIGNS)
def test_the_component_is_hurt_while_the_fault_lasts_and_well_afterwards(environment, name):
    with known(name).on(environment, "translate", FaultSpec(members=SOON)):
        assert SIGNS[name](environment)

    eventually(lambda: translate(environment), 200)
    assert planted(environment) == []


def test_every_fault_that_lasts_is_looked_at_above(environment):
    here = {name for name, fault in FAULTS.items() if environment.runtime in fault.runtimes and fault.lasts}

    assert set(SIGNS) == here - {"redis-down"}


def test_a_crash_that_passes_needs_nobody_to_heal_it(environment):
    assert restarts_of(environment, lambda: known("crash-restart").inject(environment, "translate")) == 1

    eventually(lambda: translate(environment), 200)
    known("crash-restart").revert(environment, "translate")


def test_without_redis_the_cart_is_not_ready(environment):
    with known("redis-down").on(environment, "cart"):
        assert get(environment, environment.hosts("cart"), "/readyz") == 503

    eventually(lambda: get(environment, environment.hosts("cart"), "/readyz"), 200)


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if "local" in fault.runtimes])
def test_healing_what_is_well_is_as_good_and_so_is_healing_twice(environment, name):
    target = FAULTS[name].targets[-1]
    for _ in range(2):
        FAULTS[name].revert(environment, target)

    assert translate(environment) == 200


@pytest.mark.parametrize("name", ["latency", "crash-loop", "hang"])
def test_healing_works_when_the_target_is_dead(environment, name):
    fault = known(name)
    fault.inject(environment, "translate", FaultSpec(members=SOON))
    environment.kill("translate")

    fault.revert(environment, "translate")
    environment.revive("translate")

    eventually(lambda: translate(environment), 200)
    assert planted(environment) == []


def test_healing_works_when_the_process_answers_nobody(environment):
    with known("block").on(environment, "translate", FaultSpec(members={**SOON, "milliseconds": 10_000})):
        assert translate(environment, 0.5) is SILENCE
        assert alive(environment, 0.5) is SILENCE

    assert alive(environment, 5) == 200


def test_a_component_is_healed_when_the_block_raises(environment):
    with suppress(ZeroDivisionError), known("errors").on(environment, "translate", FaultSpec(members=SOON)):
        assert translate(environment) == 503
        raise ZeroDivisionError

    assert translate(environment) == 200


def test_a_bug_heals_by_itself_when_its_time_is_up(environment):
    known("errors").inject(environment, "translate", FaultSpec(seconds=2, members=SOON))
    assert translate(environment) == 503

    eventually(lambda: translate(environment), 200)


def test_a_bug_survives_a_crash_of_its_process(environment):
    with known("errors").on(environment, "translate", FaultSpec(members=SOON)):
        assert restarts_of(environment, lambda: environment.crash("translate")) == 1
        assert translate(environment) == 503


def test_bugs_of_two_kinds_are_healed_one_by_one(environment):
    with known("bug").on(environment, "translate", FaultSpec(members=SOON)):
        with known("latency").on(environment, "translate", FaultSpec(members=SOON)):
            assert planted(environment) == ["errors", "latency"]
        assert (planted(environment), translate(environment)) == (["errors"], 500)


def test_the_seed_decides_which_calls_are_struck(environment):
    def pattern(seed):
        with known("errors").on(environment, "translate", FaultSpec(seed=seed, members=SOON, ratio=0.5)):
            return [translate(environment) for _ in range(12)]

    assert pattern(1) == pattern(1) != pattern(2)


class HalfDead:
    """An environment one of whose replicas does not answer."""

    def __init__(self, environment):
        self._environment = environment

    def __getattr__(self, name):
        return getattr(self._environment, name)

    def control_urls(self, part):
        return (*self._environment.control_urls(part), "http://127.0.0.1:9")


def test_a_bug_that_not_every_replica_takes_is_in_none(environment):
    with pytest.raises(LabError, match=r"127\.0\.0\.1:9 do not answer: ConnectionRefusedError"):
        known("errors").inject(HalfDead(environment), "translate")

    assert planted(environment) == []


def test_a_dose_that_makes_no_sense_is_refused_with_the_reason(environment):
    with pytest.raises(LabError, match=r"rejects the fault latency: .*milliseconds"):
        known("latency").inject(environment, "translate", FaultSpec(members={"milliseconds": -1}))


@pytest.mark.parametrize(
    ("name", "component", "reason"),
    [
        ("cut", "translate", "share the loopback interface"),
        ("leak", "translate", "no memory limit"),
        ("database-down", "payment", "SQLite"),
        ("redis-down", "payment", "payment cannot have the fault redis-down. Choose from cart."),
        (
            "errors",
            "storefront",
            "storefront cannot have the fault errors. Choose from catalog, cart, payment, translate.",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(environment, name, component, reason):
    with pytest.raises(Unsupported, match=reason), known(name).on(environment, component):
        pytest.fail("it was done")


def test_a_site_without_faults_takes_no_bugs(tmp_path):
    with (
        open_environment(SHAPE, "local", ROOT, tmp_path, EnvironmentOptions()) as environment,
        pytest.raises(Unsupported, match="opened with `faults`"),
    ):
        known("errors").inject(environment, "translate")


def test_an_unknown_fault_is_told_with_those_there_are():
    with pytest.raises(LabError, match="unknown fault 'gremlins': choose from crash, crash-restart, hang"):
        known("gremlins")


def test_each_fault_has_a_colour_of_its_own():
    assert len({fault.colour for fault in FAULTS.values()}) == len(FAULTS)
