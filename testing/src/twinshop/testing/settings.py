"""
A value for every setting that users may give a shop, each unlike its default.

`VALUES` is the one table; the tests of each runtime give all of them to one start and look for them in its processes.
"""

from pathlib import Path

VALUES = {
    "TWINSHOP_LOG_LEVEL": "WARNING",
    "TWINSHOP_LOG_REQUESTS": "false",
    "TWINSHOP_MAX_BODY": "300001",
    "TWINSHOP_HOSTS": "shop.example.com",
    "TWINSHOP_TRUSTED_PROXIES": "192.0.2.0/24",
    "TWINSHOP_HEADER_SECONDS": "11",
    "TWINSHOP_BODY_SECONDS": "12",
    "TWINSHOP_SEND_SECONDS": "31",
    "TWINSHOP_STOP_SECONDS": "19",
    "TWINSHOP_CALL_KEY": "only-for-this-test-of-calls",
    "TWINSHOP_FAULT_TOKEN": "only-for-this-test-of-faults",
    "TWINSHOP_FAULT_FOLDER": "/tmp",  # noqa: S108 - there is one in every container, and nothing is written to it
    "TWINSHOP_CALL_CONNECT_SECONDS": "1.5",
    "TWINSHOP_CALL_TIMEOUT_SECONDS": "9.5",
    "TWINSHOP_CALL_RETRIES": "2",
    "TWINSHOP_CALL_BREAKER": "false",
    "TWINSHOP_DATABASE_CONNECT_SECONDS": "3",
    "TWINSHOP_DATABASE_STATEMENT_SECONDS": "14",
    "TWINSHOP_DATABASE_UNIT_SECONDS": "15",
    "STOREFRONT_CHARGE_SECONDS": "16",
    "STOREFRONT_RESUME_SECONDS": "6",
    "STOREFRONT_SECURE_COOKIES": "true",
    "STOREFRONT_FRAMED_BY": "http://lab.example.com",
    "STOREFRONT_OTHER_SHAPE_URL": "http://other.example.com",
    "CATALOG_DATA": "{catalog}/../catalog/data/catalogue.json",
    "CATALOG_RESERVATION_SECONDS": "901",
    "CART_TTL_SECONDS": "86401",
    "CART_TIMEOUT_SECONDS": "2.5",
    "CART_OPERATION_SECONDS": "3.5",
    "PAYMENT_LEASE_SECONDS": "7",
    "PAYMENT_GRACE_SECONDS": "61",
    "PAYMENT_SLOW_SECONDS": "4",
    "PAYMENT_ACQUIRER_SECONDS": "11",
    "TRANSLATE_MEMORY": "{translate}/../translate/memory",
    "TRANSLATE_ENGINE": "none",
    "TRANSLATE_MODELS": "/tmp",  # noqa: S108 - as above
    "TRANSLATE_APERTIUM_MODES": "/usr/share/../share/apertium/modes",
    "TRANSLATE_ENGINE_SECONDS": "2.5",
    "TRANSLATE_CACHE_SIZE": "999",
}
IMAGE = Path("/code/twinshop")
"""Where the packages are in the images."""


def values(catalog: Path = IMAGE / "catalog", translate: Path = IMAGE / "translate") -> dict[str, str]:
    """Return the values; the arguments are the folders of the packages with data, as the processes see them."""
    return {name: value.format(catalog=catalog, translate=translate) for name, value in VALUES.items()}


def not_arrived(environment: dict[str, str], wanted: dict[str, str]) -> dict[str, str | None]:
    """Return those of the wanted variables that a process has with another value, or not at all (None)."""
    return {name: environment.get(name) for name, value in wanted.items() if environment.get(name) != value}


def parsed(environ: bytes) -> dict[str, str]:
    """Return the variables of a process, from its `/proc/<pid>/environ`."""
    pairs = (each.decode().partition("=") for each in environ.split(b"\0") if each)
    return {name: value for name, _, value in pairs}
