"""
The least that Starlette takes for an answer, and Starlette and Jinja for a page, whose values come from memory.

`python -m twinshop.lab.bench.bare PORT` reads two objects in a JSON array from standard input and serves them: path to
HTML, and path to another answer as JSON. Of each page every text and the attributes that come from data are an escaped
expression, all else is the template's own text.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from html import unescape

import aiohttp
import psutil

from twinshop.lab.bench.startup import soon
from twinshop.lab.environments.local.process_group import cpu_seconds
from twinshop.lab.load.visitor import Visit, expect

Cost = Callable[[Visit, Callable[[], float]], Awaitable[float]]
"""CPU milliseconds of a visit, by what tells the CPU seconds used so far."""

_DATA = re.compile(r'((?<=>)[^<>]*\S[^<>]*(?=<)|(?<=\shref=")[^"]+|(?<=\ssrc=")[^"]+|(?<=\svalue=")[^"]+)')
"""The text between two tags, and the values of three attributes."""


def template_of(html: str) -> tuple[str, list[str]]:
    """The page as a Jinja template, and the values that it shows."""
    values: list[str] = []

    def expression(found: re.Match[str]) -> str:
        values.append(unescape(found[0]))
        return "{% endraw %}{{ values[" + str(len(values) - 1) + "] }}{% raw %}"

    return "{% raw %}" + _DATA.sub(expression, html) + "{% endraw %}", values


def serve(port: int, pages: Mapping[str, str], answers: Mapping[str, str]) -> None:
    """Serve until ended: uvicorn as the shop sets it up, without logs."""
    import uvicorn  # noqa: PLC0415 - only the process of its own needs it
    from jinja2 import Environment  # noqa: PLC0415
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.requests import Request  # noqa: PLC0415
    from starlette.responses import HTMLResponse, Response  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415

    environment = Environment(autoescape=True, keep_trailing_newline=True)

    def route(path: str, html: str) -> Route:
        source, values = template_of(html)
        template = environment.from_string(source)
        if template.render(values=values) != html:
            raise ValueError(f"the template of {path} renders another page")

        async def page(request: Request) -> HTMLResponse:
            del request
            return HTMLResponse(template.render(values=values))

        return Route(path, page)

    def constant(path: str, text: str) -> Route:
        body = text.encode()

        async def answer(request: Request) -> Response:
            del request
            return Response(body, media_type="application/json")

        return Route(path, answer)

    routes = [route(path, html) for path, html in pages.items()]
    app = Starlette(routes=[*routes, *(constant(path, text) for path, text in answers.items())])
    uvicorn.run(app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")


@contextmanager
def running(port: int, pages: Mapping[str, str], answers: Mapping[str, str]) -> Iterator[psutil.Process]:
    """Serve these in a process of its own; whether it answers already is for the caller to see."""
    command = [sys.executable, "-m", "twinshop.lab.bench.bare", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps([pages, answers]).encode())
            process.stdin.close()
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def costs(html: Mapping[str, str], port: int, cost: Cost) -> dict[str, float]:
    """What `cost` says of each page, by its name."""
    paths = {name: f"/{number}" for number, name in enumerate(html)}
    with running(port, {paths[name]: page for name, page in html.items()}, {}) as process:
        return asyncio.run(_ask(process, f"http://127.0.0.1:{port}", paths, html, cost))


async def _ask(
    process: psutil.Process, url: str, paths: Mapping[str, str], html: Mapping[str, str], cost: Cost
) -> dict[str, float]:
    def used() -> float:
        return cpu_seconds([process])

    found = {}
    async with aiohttp.ClientSession(url) as http:
        for name, path in paths.items():

            async def look(path: str = path, page: str = html[name]) -> None:
                async with http.get(path) as response:
                    await expect(response, 200, page)

            await soon(look)
            found[name] = await cost(look, used)
    return found


if __name__ == "__main__":
    serve(int(sys.argv[1]), *json.load(sys.stdin))
