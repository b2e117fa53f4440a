"""Unguessable ids: of shoppers, carts, changes and order forms."""

import os
import secrets

_CHARACTERS = 24
_AT_ONCE = 64
_made: list[str] = []
"""Made many at once: a page has one for each of its forms, and the system's generator costs a call each time."""
os.register_at_fork(after_in_child=_made.clear)


def new_id() -> str:
    """Return 24 characters, 144 bits, that go into a URL as they are."""
    if not _made:
        text = secrets.token_urlsafe(_CHARACTERS * _AT_ONCE * 3 // 4)
        _made.extend(text[at : at + _CHARACTERS] for at in range(0, len(text), _CHARACTERS))
    return _made.pop()
