"""Hosts and origins, in all their spellings; and whom a process answers and believes."""

import pytest
from pydantic import ValidationError

from twinshop.kit.hosts import Hosts, Proxies, address, same
from twinshop.kit.settings import ServerSettings

SAME = [
    ("http://shop.lan", "shop.lan:80"),
    ("http://shop.lan:80", "shop.lan"),
    ("https://shop.lan", "shop.lan:443"),
    ("https://shop.lan:443", "shop.lan"),
    ("http://Shop.LAN", "shop.lan"),
    ("http://shop.lan.", "shop.lan"),
    ("http://shop.lan", "SHOP.lan."),
    ("http://[::1]:8100", "[0:0:0:0:0:0:0:1]:8100"),
    ("http://[2001:DB8::1]", "[2001:db8:0::1]:80"),
    ("http://127.0.0.1:8100", "127.0.0.1:8100"),
]
OTHER = [
    ("http://shop.lan:8080", "shop.lan"),
    ("http://shop.lan", "shop.lan:443"),
    ("https://shop.lan", "shop.lan:80"),
    ("http://evil.example", "shop.lan"),
    ("http://shop.lan.evil.example", "shop.lan"),
    ("http://127.0.0.1:8100", "localhost:8100"),
    ("null", "shop.lan"),
    ("null", "null"),
    ("", ""),
    ("shop.lan", "shop.lan"),
    ("ftp://shop.lan", "shop.lan"),
    ("http://shop.lan/", "shop.lan"),
    ("http://user@shop.lan", "shop.lan"),
    ("http://shop.lan", "shop.lan, evil.example"),
    ("http://shop.lan:99999", "shop.lan:99999"),
    ("http://[::1", "[::1"),
]


@pytest.mark.parametrize(("origin", "host"), SAME)
def test_an_origin_is_the_same_in_any_spelling(origin, host):
    assert same(origin, host)


@pytest.mark.parametrize(("origin", "host"), OTHER)
def test_another_origin_is_not(origin, host):
    assert not same(origin, host)


def test_a_page_without_tls_is_not_the_same_as_one_with():
    assert same("https://shop.lan", "shop.lan", "https")
    assert not same("http://shop.lan", "shop.lan", "https")


@pytest.mark.parametrize("host", ["", "a b", "a/b", "a@b", "[a]", ".", "a:x", "a:1:2", "ü", "a\x00"])
def test_what_is_no_host_is_none(host):
    assert address(host) is None
    assert not Hosts(frozenset({"*"})).allow(host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8100", "localhost", "LOCALHOST:1", "shop.localhost", "[::1]:80", "10.1.2.3", "catalog:8000"]
)
def test_a_process_answers_under_names_that_no_stranger_can_have(host):
    assert Hosts(frozenset()).allow(host)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8203", "127.0.0.1.evil.example", "localhost.evil.example"]
)
def test_it_does_not_under_a_strangers(host):
    assert not Hosts(frozenset({"shop.example"})).allow(host)


@pytest.mark.parametrize("host", ["shop.example", "Shop.Example.:443", "shop.example:8443"])
def test_it_does_under_those_that_are_listed(host):
    assert Hosts(frozenset({"Shop.example."})).allow(host)


def request(client="10.0.0.5", **headers):
    pairs = [(b"host", b"inner")] + [(f"x-forwarded-{n}".encode(), v.encode()) for n, v in headers.items()]
    return {"type": "http", "scheme": "http", "client": (client, 1234), "headers": pairs}


def test_a_trusted_proxy_tells_who_asked_how_and_for_what():
    given = {"for": "203.0.113.9, 198.51.100.7, 10.0.0.9", "proto": "https", "host": "shop.example"}
    scope = Proxies(frozenset({"10.0.0.0/8"})).unwrap(request(**given))

    assert scope["client"][0] == "198.51.100.7", (
        "the last one that no trusted proxy wrote; what is before it is a claim"
    )
    assert scope["scheme"] == "https"
    assert [value for name, value in scope["headers"] if name == b"host"] == [b"shop.example"]


@pytest.mark.parametrize("client", ["192.0.2.1", "::1", "not-an-address"])
def test_anybody_else_tells_nothing(client):
    asked = request(client, **{"for": "203.0.113.9", "proto": "https", "host": "shop.example"})

    assert Proxies(frozenset({"10.0.0.0/8"})).unwrap(asked) is asked


def test_a_scheme_that_there_is_not_is_not_believed():
    assert Proxies(frozenset({"10.0.0.0/8"})).unwrap(request(proto="gopher"))["scheme"] == "http"


def test_hosts_and_proxies_are_lists_in_the_environment(monkeypatch):
    monkeypatch.setenv("TWINSHOP_HOSTS", "a.example, b.example c.example")
    monkeypatch.setenv("TWINSHOP_TRUSTED_PROXIES", "10.0.0.0/8 ::1")
    settings = ServerSettings()

    assert settings.hosts == {"a.example", "b.example", "c.example"}
    assert settings.trusted_proxies == {"10.0.0.0/8", "::1"}
    with pytest.raises(ValidationError):
        ServerSettings(trusted_proxies="proxy.example")
