"""Reverse proxies that stand before a real shop and change its answers."""

import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
import uvicorn

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class TamperingProxy:
    """A reverse proxy, as an ASGI app, that passes every answer on unchanged; subclasses override `answer`."""

    def __init__(self, url: str) -> None:
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # or all shoppers would be one
        self._shop = httpx.AsyncClient(base_url=url, timeout=30, cookies=no_cookies)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        status, headers, content = await self.answer(scope, body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._shop.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def answer(self, scope: Message, body: bytes) -> tuple[int, Headers, bytes]:
        """Return the shop's status, headers and content for a request."""
        path = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        left_out = {b"accept-encoding", b"content-length", b"host"}
        headers = [pair for pair in scope["headers"] if pair[0] not in left_out]
        answer = await self._shop.request(scope["method"], path, content=body, headers=headers)
        kept = {b"content-type", b"location", b"set-cookie", b"cache-control"}
        return answer.status_code, [pair for pair in answer.headers.raw if pair[0].lower() in kept], answer.content


@contextmanager
def serving(app: TamperingProxy, ports: int = 1) -> Iterator[list[str]]:
    """Serve the app with uvicorn in a thread, on `ports` free ports; the value is one URL for each."""
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None, access_log=False))
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(ports)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
            listener.listen(100)  # from now on connections wait for the server
        thread = threading.Thread(target=server.run, args=[listeners])
        thread.start()
        try:
            yield [f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners]
        finally:
            server.should_exit = True
            thread.join()
