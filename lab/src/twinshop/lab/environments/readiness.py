"""Asking a process whether it is ready."""

import http.client
import json
import socket

SECONDS = 4.0
"""How long an answer may take: longer than `/readyz` itself gives to what it asks."""


def ask(port: int) -> tuple[bool, str]:
    """What `/readyz` there says: whether it is ready, and the reason or what it hosts."""
    # http.client and not urllib, which would ask a proxy
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        refused = isinstance(error, ConnectionRefusedError)
        return False, "nothing listens yet" if refused else f"no answer from /readyz ({type(error).__name__})"
    finally:
        connection.close()
    return _understand(response.status, body)


def _understand(status: int, body: bytes) -> tuple[bool, str]:
    try:
        states: dict[str, str] = json.loads(body)["components"]
    except (ValueError, KeyError, TypeError):
        states = {}
    if status == http.HTTPStatus.OK:
        return True, ", ".join(states)
    waiting = (f"{name}: {state}" for name, state in states.items() if state != "ready")
    return False, "; ".join(waiting) or f"/readyz answers {status}"


def ask_redis(port: int) -> tuple[bool, str]:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
            connection.sendall(b"PING\r\n")
            answer = connection.recv(200).decode(errors="replace").strip()
    except OSError as error:
        return False, "nothing listens yet" if isinstance(error, ConnectionRefusedError) else "no answer to PING"
    return answer == "+PONG", "" if answer == "+PONG" else answer.lstrip("-")
