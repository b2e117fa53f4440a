"""One question to one process, on a connection of its own and with a limit of time."""

import http.client
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit


class Answer(NamedTuple):
    """`cookie` is what `Set-Cookie` says, to be sent back; empty without one."""

    status: int
    body: bytes
    cookie: str = ""

    @property
    def ok(self) -> bool:
        return self.status == http.HTTPStatus.OK

    @property
    def refused(self) -> bool:
        """Whether it says that the question itself was at fault: nothing has been done."""
        return http.HTTPStatus.BAD_REQUEST <= self.status < http.HTTPStatus.INTERNAL_SERVER_ERROR


def ask(
    url: str,
    path: str,
    *,
    seconds: float,
    method: str = "GET",
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """
    Ask; redirects are not followed.

    Args:
        url: of the process: http://127.0.0.1:<port>.
        path: with the query.
        seconds: for the connection, and again for each piece of the answer.
        method: of HTTP.
        body: as text.
        headers: further ones.

    Raises:
        OSError: there is no answer, or none in time.
    """
    address = urlsplit(url)
    # http.client and not urllib, which would ask a proxy
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=seconds)
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        cookie = (response.getheader("set-cookie") or "").partition(";")[0]
        return Answer(response.status, response.read(), cookie)
    except http.client.HTTPException as error:
        raise ConnectionError(f"{url}{path}: {type(error).__name__}") from error
    finally:
        connection.close()
