"""A password may hold any character, whichever client reads the URL."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr
from redis.connection import parse_url
from sqlalchemy.engine import make_url

from twinshop.kit.database import _async_url
from twinshop.kit.store_url import readable, with_password

passwords = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
EVERY = string.ascii_letters + string.digits + string.punctuation + " "


@given(passwords)
@example(EVERY)
@example("%41%")
def test_the_databases_client_reads_the_password_that_was_given(password):
    url = _async_url(with_password("postgresql://shop@db:5432/catalog?sslmode=require", SecretStr(password)))
    assert (url.password, url.username, url.host, url.port, url.database, url.query) == (
        password,
        "shop",
        "db",
        5432,
        "catalog",
        {"sslmode": "require"},
    )


@given(passwords)
@example(EVERY)
def test_so_does_that_of_redis(password):
    read = parse_url(with_password("redis://redis:6379/3", SecretStr(password)))
    assert (read["password"], read["host"], read["port"], read["db"]) == (password, "redis", 6379, 3)


@given(passwords)
@example(EVERY)
def test_a_url_made_here_is_readable(password):
    url = with_password("postgresql://shop@db/catalog", SecretStr(password))
    assert readable(url) == url
    assert make_url(with_password(url, SecretStr("another"))).password == "another"


@pytest.mark.parametrize("url", ["sqlite:///catalog.db", "sqlite:////a b/c@d/e#f.db", "unix:///run/redis.sock"])
def test_a_file_has_no_password(url):
    assert with_password(url, SecretStr("secret")) == readable(url) == url


@pytest.mark.parametrize("password", [None, SecretStr("")])
def test_without_a_password_the_url_stays_as_it_is(password):
    assert with_password("redis://:old@redis:6379/0", password) == "redis://:old@redis:6379/0"


@pytest.mark.parametrize("password", ["p@ss", "p/ss", "p?ss", "p#ss", "@", "#/@", "a:b@c"])
@pytest.mark.parametrize("url", ["postgresql://shop:{}@db/catalog", "redis://:{}@redis:6379/0"])
def test_a_typed_url_that_would_be_misread_is_refused_with_the_next_step(url, password):
    with pytest.raises(ValueError, match=r"percent-encode it.*or give it in the variable") as refused:
        readable(url.format(password))
    assert password not in str(refused.value).replace("@ / ? #", "").replace("@ is", "").replace("# is", "")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://db/catalog",
        "postgresql://db:5432/catalog?application_name=a@b",
        "postgresql://shop:p%40ss@db/catalog",
        "postgresql://shop:p$%&:'\"ss@db/catalog",
        "postgresql://shop:secret@[::1]:5432/catalog",
        "postgresql://shop@db/catalog?options=-c%20x",
        "rediss://:secret@redis.example.internal:6379/0",
    ],
)
def test_what_is_not_misread_is_taken(url):
    assert readable(url) == url
