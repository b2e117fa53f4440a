"""The lesson in containers: a crash and a cut, seen in both shops and reverted; scaling; a patch."""

import re

import pytest

SHOPS = ("mono", "micro")
SEEN_SECONDS = 120_000
"""Milliseconds within which something is to be seen; generous, since the machine may be busy."""
GOOD = r"All \d+ visits? good"
LOST = r"No answer|[1-9]\d* of \d+ visits? fails?"
"""Of a process that is down the edge says so at once, and visits fail; of one that is cut off nobody says anything."""
pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def room(open_room):
    """The address of a room on Docker."""
    with open_room("docker") as address:
        yield address


def says(screen, shop, words):
    """What the room says of a shop's page."""
    screen.locator(f"#{shop}-state", has_text=re.compile(words)).wait_for(timeout=SEEN_SECONDS)


@pytest.mark.parametrize("fault", ["Crash translate", "Cut translate"])
def test_what_takes_the_monolith_down_costs_the_microservices_a_language_and_both_recover(screen, fault):
    for shop in SHOPS:
        says(screen, shop, GOOD)
    screen.locator("#seconds").select_option("120")
    button = screen.get_by_role("button", name=fault)
    button.click()
    says(screen, "mono", LOST)
    says(screen, "micro", "(fail|lack)s?.*: no translations")

    button.click()
    for shop in SHOPS:
        says(screen, shop, GOOD)
    screen.locator("#log", has_text=f"Reverted: {fault}").wait_for(timeout=SEEN_SECONDS)


def test_a_component_is_scaled_and_then_patched_in_all_its_containers(screen):
    says(screen, "micro", GOOD)
    screen.locator("#part").select_option("cart")
    screen.get_by_role("button", name="Scale to 2").click()
    screen.locator("#log", has_text="Scale cart to 2, micro: done").wait_for(timeout=SEEN_SECONDS)
    screen.locator("#micro-topology", has_text=re.compile("cart .2")).wait_for(timeout=SEEN_SECONDS)

    screen.get_by_role("button", name="Patch", exact=True).click()
    for shop, processes in (("mono", "2 processes"), ("micro", "2 processes")):
        told = screen.locator(f"#{shop}-patch", has_text="Patch cart: ")
        told.wait_for(timeout=SEEN_SECONDS)
        words = rf"code (\w{{7}}) → (\w{{7}}), image built in [\d.]+ s, {processes} replaced in .* visits lost"
        found = re.fullmatch(f"Patch cart: {words}", told.inner_text())
        assert found, told.inner_text()
        assert found[1] != found[2]
        says(screen, shop, GOOD)
