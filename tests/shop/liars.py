"""Reverse proxies that stand before a real shop and change what it says."""

import socket
import threading
from contextlib import ExitStack, contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import uvicorn


class Liar:
    """A reverse proxy that tells the truth, for its subclasses to change."""

    def __init__(self, url):
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # or all shoppers would be one
        self._shop = httpx.AsyncClient(base_url=url, timeout=30, verify=False, cookies=no_cookies)

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        status, headers, content = await self.answer(scope, body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        return await send({"type": "http.response.body", "body": content})

    async def _live(self, receive, send):
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._shop.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def answer(self, scope, body):
        path = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        left_out = {b"accept-encoding", b"content-length", b"host"}
        headers = [pair for pair in scope["headers"] if pair[0] not in left_out]
        answer = await self._shop.request(scope["method"], path, content=body, headers=headers)
        kept = {b"content-type", b"location", b"set-cookie", b"cache-control"}
        return answer.status_code, [pair for pair in answer.headers.raw if pair[0].lower() in kept], answer.content


@contextmanager
def serving(app, ports=1):
    """The app under uvicorn in a thread, on so many ports; its URL, or URLs."""
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None, access_log=False))
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(ports)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
            listener.listen(100)  # from now on connections wait for the server
        thread = threading.Thread(target=server.run, args=[listeners])
        thread.start()
        urls = [f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners]
        try:
            yield urls[0] if ports == 1 else urls
        finally:
            server.should_exit = True
            thread.join()
