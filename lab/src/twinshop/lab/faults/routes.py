"""The fault routes of one process, with a time limit on every call."""

import http.client
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import JsonValue

from twinshop.lab.errors import FaultError

ANSWER_SECONDS = 5.0
"""Seconds that a process may take to answer; an overloaded one may need a while."""


def inject(url: str, token: str, fault: Mapping[str, JsonValue]) -> datetime:
    """Inject a fault and return the time at which it begins. Raises LabError if the process rejects it."""
    status, answer = _ask(url, token, "POST", fault)
    if status != http.HTTPStatus.CREATED:
        raise FaultError(f"{url} rejects the fault {fault['kind']}: {answer.get('detail', status)}")
    return datetime.fromisoformat(answer["begins_at"])


def injected(url: str, token: str) -> list[dict[str, Any]]:
    """Return the faults of the process, including pending ones. Raises LabError if it does not answer."""
    status, answer = _ask(url, token, "GET")
    if status != http.HTTPStatus.OK:
        raise FaultError(f"{url} does not list its faults: {answer.get('detail', status)}")
    found: list[dict[str, Any]] = answer["faults"]
    return found


def has(url: str, token: str, fault: Mapping[str, JsonValue]) -> bool:
    """Whether this fault is injected there."""
    return any(fault.items() <= each["fault"].items() for each in injected(url, token))


def _ask(url: str, token: str, method: str, body: Mapping[str, JsonValue] | None = None) -> tuple[int, dict[str, Any]]:
    address = urlsplit(url)
    # http.client and not urllib, which would ask a proxy
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=ANSWER_SECONDS)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    try:
        connection.request(method, "/faults", None if body is None else json.dumps(dict(body)), headers)
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FaultError(f"The fault routes of {url} do not answer: {type(error).__name__}.") from error
    finally:
        connection.close()
    return response.status, answer
