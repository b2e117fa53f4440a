"""Shopping in containers, and what holds for them."""

import html
import threading

import pytest

from twinshop.contracts.components import CALLED, NAMES
from twinshop.storefront.interface import interface
from twinshop.storefront.messages import DOWN
from twinshop.testing.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1200)]

PAGES = ("/", "/search?q=drum", "/category/kitchen", "/cart", "/checkout", "/orders", "/?lang=es")
NEEDED = {
    "/search": ("catalog",),
    "/category/kitchen": ("catalog",),
    "/product/KIT-001": ("catalog",),
    "/cart": ("cart",),
}
NEEDED |= {"/checkout": ("cart",), "/orders": ("payment",)}  # an empty cart: its checkout is the cart
"""Without these components a page cannot serve its purpose, and says so (503)."""


def test_a_purchase_is_paid_and_stands_in_the_history(shop, buy):
    with shop.client() as client:
        answer = buy(client)
        history = client.get("/api/orders").json()

    assert (answer.status_code, answer.json()["state"]) == (201, "paid")
    assert [order["id"] for order in history] == [answer.json()["id"]]


def test_every_page_opens_in_the_language_asked_for(shop):
    with shop.client() as client:
        for page in PAGES:
            answer = client.get(page)

            assert answer.status_code == 200, page
            assert f'lang="{"es" if "lang=es" in page else "en"}"' in answer.text


def test_text_that_nobody_translated_beforehand_goes_through_the_engine(shop):
    body = {"texts": ["The dog sleeps in the kitchen."], "target": "es"}

    def translated():  # the first text of a pair starts its engine, and may not wait for it
        with shop.client() as client:
            (translation,) = client.post("/api/translate", json=body).raise_for_status().json()
        return translation["origin"] == "engine" and translation["text"]

    assert "perro" in wait_until(translated)


def test_the_shop_knows_its_shape(mono, micro):
    with mono.client() as one, micro.client() as many:
        assert one.get("/api/shape").json()["remote"] == []
        assert many.get("/api/shape").json()["remote"] == ["cart", "catalog", "payment", "translate"]


@pytest.mark.parametrize("component", CALLED)
def test_a_component_that_crashes_leaves_every_page_standing_and_comes_back(micro, buy, component, sells):
    with micro.client() as client:
        assert buy(client).status_code == 201
        micro.compose("stop", "--timeout", "0", component)
        try:
            answers = {page: client.get(page) for page in PAGES}
        finally:
            micro.compose("start", component)

        of_no_use = {page: component in NEEDED.get(page.partition("?")[0], ()) for page in PAGES}
        assert {page: answer.status_code for page, answer in answers.items()} == {
            page: 503 if no_use else 200 for page, no_use in of_no_use.items()
        }
        notice = interface("es" if component == "translate" else "en").say(DOWN[component])
        assert any(notice in html.unescape(answer.text) for answer in answers.values())
    wait_until(lambda: sells(micro))


def test_a_crashed_process_is_started_again_by_the_engine(micro, sells):
    before = micro.inspect("payment")["State"]["Pid"]
    micro.crash("payment")

    wait_until(lambda: micro.inspect("payment")["State"]["Pid"] not in (0, before))
    wait_until(lambda: sells(micro))


@pytest.mark.parametrize(("shape", "database"), [("mono", "database"), ("micro", "payment-db")])
def test_after_a_restart_of_the_database_orders_are_taken_again(request, shape, database, sells):
    shop = request.getfixturevalue(shape)
    shop.compose("restart", database)

    wait_until(lambda: sells(shop))


def test_carts_survive_a_restart_of_redis(shop):
    with shop.client() as client:
        sku = client.get("/api/products").json()["items"][0]["sku"]
        client.post("/api/cart/lines", json={"sku": sku, "quantity": 3}).raise_for_status()
        threading.Event().wait(1.2)  # the append-only file is written to disk every second
        shop.compose("restart", "redis")

        cart = wait_until(lambda: client.get("/api/cart").raise_for_status().json())

    assert cart["lines"][0]["quantity"] == 3


@pytest.mark.parametrize("component", NAMES)
def test_components_run_without_privileges(micro, component):
    host = micro.inspect(component)["HostConfig"]

    assert micro.inspect(component)["Config"]["User"] == "10001:10001"
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]


@pytest.mark.parametrize("image", ["storefront", "catalog", "cart", "payment"])
def test_an_image_adds_at_most_60_mb_to_its_base(micro, image, docker):
    def size(name):
        return int(docker("image", "inspect", "-f", "{{.Size}}", name))

    assert size(f"twinshop/{image}") - size("python:3.13-slim") <= 60e6


def test_stopping_one_of_two_store_fronts_cuts_no_request_off(micro, docker):
    micro.compose("up", "-d", "--no-recreate", "--wait", "--scale", "storefront=2", "storefront")
    second = micro.compose("ps", "-q", "storefront").splitlines()[-1]
    wrong, done = [], threading.Event()

    def ask():
        with micro.client() as client:
            while not done.is_set():
                status = client.get("/").status_code
                if status != 200:
                    wrong.append(status)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    try:
        threading.Event().wait(3)  # until the edge has found both
        for asker in askers:
            asker.start()
        threading.Event().wait(2)
        docker("stop", second)
        code = docker("inspect", "-f", "{{.State.ExitCode}}", second)
        threading.Event().wait(2)
    finally:
        done.set()
        for asker in askers:
            asker.join()
        micro.compose("up", "-d", "--no-recreate", "--wait", "--scale", "storefront=1", "storefront")

    assert wrong == []
    assert code == "0"


@pytest.mark.parametrize("component", NAMES)
def test_every_component_ends_cleanly_when_it_is_told_to(micro, component, docker):
    container = micro.container(component)
    try:
        docker("stop", container)
        code = docker("inspect", "-f", "{{.State.ExitCode}}", container)
    finally:
        micro.compose("up", "-d", "--wait", component)

    assert code == "0"
