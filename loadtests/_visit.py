"""What every shopper does: ask, check the answer, look at the pictures, think."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import _host
import _options
import gevent
from _outcome import count
from _pages import Page
from locust import FastHttpUser
from locust.exception import RescheduleTask

NO_ANSWER_SECONDS = 0.5
"""Without an answer, no shopper retries at once, whatever the think time."""


class Wrong(Exception):
    """An answer is not what the shop promises."""


def expect(*, that: bool, otherwise: str) -> None:
    if not that:
        raise Wrong(otherwise)


class Shopper(FastHttpUser):
    """
    A browser of its own, with its own cookies and its own cache, that prefers one language.

    An answer that fails its check is a failed request in Locust's tables, and ends the visit.
    """

    abstract = True
    host = _host.DEFAULT
    connection_timeout = 5.0
    network_timeout = 30.0

    def __init__(self, environment: Any) -> None:  # noqa: ANN401 - Locust's
        # By then Locust has put here what was typed. What is no address stays: Locust says that it does not do.
        with suppress(ValueError):
            self.host = _host.origin(self.host)
        super().__init__(environment)

    def on_start(self) -> None:
        self.language = self._prefers = random.choice(_options.languages(self.options))
        self._cached: set[str] = set()

    @property
    def options(self) -> Any:  # noqa: ANN401 - Locust's namespace of options
        return self.environment.parsed_options

    def wait_time(self) -> float:
        mean: float = self.options.think_time
        return random.uniform(0.5 * mean, 1.5 * mean)

    @contextmanager
    def ask(self, method: str, url: str, *, name: str, status: int | set[int] = 200, **request: Any) -> Iterator[Any]:  # noqa: ANN401
        """
        One request; the block checks its answer. `name` groups the URLs that differ only in an id.

        Redirects are not followed: where they lead is part of the answer.
        """
        expected = {status} if isinstance(status, int) else status
        headers = {"Accept-Language": self._prefers, **request.pop("headers", {})}
        count("requests")
        with self.client.request(
            method, url, name=name, catch_response=True, allow_redirects=False, headers=headers, **request
        ) as response:
            try:
                if response.status_code == 0:
                    gevent.sleep(NO_ANSWER_SECONDS)
                    raise Wrong(f"no answer: {type(response.error).__name__}")  # noqa: TRY301 - all failures end below
                expect(that=response.status_code in expected, otherwise=f"status {response.status_code}")
                yield response
            except RescheduleTask:
                response.success()
                raise
            except Exception as error:
                response.failure(str(error) if isinstance(error, Wrong) else f"{type(error).__name__}: {error}")
                raise RescheduleTask from error
            response.success()

    @contextmanager
    def page(self, url: str, *, name: str, **request: Any) -> Iterator[Page]:  # noqa: ANN401
        """Look at a page, and at its pictures afterwards. It must be in the shopper's language."""
        with self.ask("GET", url, name=name, **request) as response:
            page = Page(response.text or "")
            content_type = str(response.headers.get("content-type"))
            expect(that=content_type.startswith("text/html"), otherwise=f"not HTML but {content_type}")
            expect(that=page.language == self.language, otherwise=f"the page speaks {page.language}")
            self.note_degraded(page.warning)
            yield page
        self._look(page)

    def note_degraded(self, warning: str | None) -> None:
        """A part of the shop is down, and the page says so: a failure, or, where that is expected, the visit's end."""
        if warning is None:
            return
        count("pages degraded")
        expect(that=self.options.allow_degraded, otherwise=f"degraded: {warning}")
        raise RescheduleTask

    def read_json(self, url: str, *, name: str) -> Any:  # noqa: ANN401
        with self.ask("GET", url, name=name) as response:
            return response.json()

    def _look(self, page: Page) -> None:
        """Load what the page shows and this browser does not have yet."""
        for url in page.assets:
            if url in self._cached:
                continue
            kind = url.partition("?")[0].rpartition(".")[2]
            folder = "pictures/[file]" if "/pictures/" in url else f"[file].{kind}"
            with self.ask("GET", url, name=f"/static/{folder}") as response:
                expect(that=len(response.content) > 0, otherwise="an empty file")
                if kind == "webp":
                    is_picture = response.content[:4] == b"RIFF" and response.content[8:12] == b"WEBP"
                    expect(that=is_picture, otherwise="not a WebP picture")
                expect(that="immutable" in str(response.headers.get("cache-control")), otherwise="not to be cached")
            self._cached.add(url)
