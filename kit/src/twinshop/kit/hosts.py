"""
Under which names a process answers, which proxies it believes, and whether two addresses are the same one.

The one place where hosts and origins are parsed: never compare them as text (`shop.lan:80` and `http://Shop.lan.` are
the same). A name that is not the shop's is refused, because a page of another site may point its own name at this
address (DNS rebinding) and then read whatever is answered.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.types import Scope

DEFAULT_PORTS = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{0,5}))?")

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Address:
    """A host in its canonical spelling, and a port; None where none was given."""

    host: str
    port: int | None
    is_ip: bool


@lru_cache(maxsize=1024)
def address(authority: str) -> Address | None:
    """Return what a `Host` header names; None if it is not a host."""
    match = _AUTHORITY.fullmatch(authority)
    if match is None or int(match["port"] or 0) > 65535:  # noqa: PLR2004
        return None
    host, port = match["host"].lower(), int(match["port"]) if match["port"] else None
    try:
        return Address(ip_address(host.strip("[]")).compressed, port, is_ip=True)
    except ValueError:
        name = host.removesuffix(".")
        return None if host.startswith("[") or not name else Address(name, port, is_ip=False)


def same(origin: str, authority: str, scheme: str = "http") -> bool:
    """
    Whether an `Origin` is the one of a request for this `Host`.

    `scheme` is the request's own, as far as it is known: `http` may have been `https` in front of a proxy that is not
    trusted.
    """
    said, _, rest = origin.partition("://")
    asking, asked = address(rest), address(authority)
    if said not in DEFAULT_PORTS or asking is None or asked is None or (scheme == "https" and said != scheme):
        return False
    default = DEFAULT_PORTS[said]
    return asking.host == asked.host and (asking.port or default) == (asked.port or default)


class Hosts:
    """
    The names that a process answers under.

    Addresses, `localhost` and names without a dot always will do: none of them can be had by a stranger. All others
    have to be listed; `*` is any.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self._any = "*" in names
        self._names = {found.host for name in names if (found := address(name)) is not None}

    def allow(self, authority: str) -> bool:
        found = address(authority)
        if found is None:
            return False
        name = found.host
        return self._any or found.is_ip or "." not in name or name.endswith(".localhost") or name in self._names


class Proxies:
    """The proxies whose `X-Forwarded-…` is believed; that of all others is left alone, and means nothing."""

    def __init__(self, networks: frozenset[str]) -> None:
        self._networks: list[Network] = [ip_network(network, strict=False) for network in networks]
        self._trusts = lru_cache(maxsize=1024)(self._is_within)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def _is_within(self, host: str) -> bool:
        try:
            found = ip_address(host)
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self._networks)

    def unwrap(self, scope: Scope) -> Scope:
        """The request as the first of the trusted proxies got it: its client, scheme and host."""
        client = scope.get("client")
        if client is None or not self._trusts(client[0]):
            return scope
        said = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        changed = dict(scope)
        for hop in reversed([hop.strip() for hop in said.get("x-forwarded-for", "").split(",") if hop.strip()]):
            changed["client"] = (hop, 0)
            if not self._trusts(hop):
                break
        scheme = said.get("x-forwarded-proto", "").strip().lower()
        if scheme in DEFAULT_PORTS:
            changed["scheme"] = scheme
        host = said.get("x-forwarded-host", "").strip()
        if host:
            others = [header for header in scope["headers"] if header[0] != b"host"]
            changed["headers"] = [(b"host", host.encode("latin-1")), *others]
        return changed
