"""
The address of a store, and its password, which may hold any character.

In a URL a password must be percent-encoded, and every tool on the way (Compose, a shell, SQL) has characters of its own
that it replaces. A password that comes in a variable of its own goes through all of them as it is.
"""

import re
from urllib.parse import quote

from pydantic import SecretStr

_PARTS = re.compile(
    r"(?P<scheme>[A-Za-z][\w.+-]*)://(?:(?P<user>[^:@/?#]*)(?::[^@/?#]*)?@)?(?P<rest>[^/?#].*)", re.DOTALL
)
_LEFT_OVER = re.compile(r"[^/?#]*@|[^:@/?#]*:(?!\d+(?:[/?#]|$))[^@/?#\]]*[/?#].*@", re.DOTALL)
"""Of what ought to begin with the host: a second @, or a password that was cut at one of / ? #."""


def with_password(url: str, password: SecretStr | None) -> str:
    """
    Return the URL with this password, percent-encoded; a password that it has already is replaced.

    Args:
        url: of a server, such as `postgresql://user@host/name`; one without a host, such as `sqlite:///file`, is
            returned as it is.
        password: as the server knows it; None or empty: the URL stays as it is.
    """
    parts = _PARTS.fullmatch(url)
    if password is None or not password.get_secret_value() or parts is None:
        return url
    return f"{parts['scheme']}://{parts['user'] or ''}:{quote(password.get_secret_value(), safe='')}@{parts['rest']}"


def readable(url: str) -> str:
    """
    Return the URL, if everybody reads the same password in it.

    Raises:
        ValueError: its password holds a character that ends a password there; the message does not show it.
    """
    parts = _PARTS.fullmatch(url)
    if parts is not None and _LEFT_OVER.match(parts["rest"]):
        raise ValueError(
            "the password in this URL holds one of @ / ? # as it is: percent-encode it (@ is %40, / is %2F, ? is %3F, "
            "# is %23), or give it in the variable for the password"
        )
    return url
