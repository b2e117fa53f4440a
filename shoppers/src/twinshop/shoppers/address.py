"""Where the shop is: what a person types for `--host`, or into Locust's page, as the origin that Locust needs."""

import re

DEFAULT = "http://localhost:8100"
"""The monolith of `make up-mono`."""
_TYPED = re.compile(
    r"(?P<origin>(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?[^\s/?#@]*[^\s/?#@:])(?:[/?#].*)?", re.IGNORECASE | re.DOTALL
)


def origin(typed: str | None) -> str:
    """
    Return the origin, such as `http://localhost:8100`: without a slash or page behind it, and with a scheme.

    Args:
        typed: an address, with or without a scheme; nothing: the default.

    Raises:
        ValueError: it is no address of a shop; the message says what one looks like.
    """
    text = (typed or "").strip() or DEFAULT
    found = _TYPED.fullmatch(text)
    if found is None or (found["scheme"] or "http").lower() not in {"http", "https"}:
        raise ValueError(f"{text!r} is not the address of a shop, such as {DEFAULT}")
    return found["origin"] if found["scheme"] else f"http://{found['origin']}"
