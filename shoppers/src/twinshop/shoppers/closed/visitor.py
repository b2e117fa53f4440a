"""What every user does: ask, check the answer, look at the pictures, think."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import gevent
from gevent.lock import RLock
from locust import FastHttpUser, events
from locust.exception import RescheduleTask

from twinshop.shoppers import address
from twinshop.shoppers.closed import options
from twinshop.shoppers.closed.outcome import count
from twinshop.shoppers.goods import Goods
from twinshop.shoppers.pages import Page
from twinshop.shoppers.wrong import Wrong, expect

NO_ANSWER_SECONDS = 0.5
"""Without an answer, no shopper retries at once, whatever the think time."""

_goods: dict[str, Goods] = {}
_reading = RLock()


@events.test_start.add_listener
def _forget(**_: object) -> None:
    _goods.clear()


class Visitor(FastHttpUser):
    """
    A browser of its own, with its own cookies and its own cache, that prefers one language.

    An answer that fails its check is a failed request in Locust's tables, and ends the visit.
    """

    abstract = True
    host = address.DEFAULT
    connection_timeout = 5.0
    network_timeout = 30.0

    def __init__(self, environment: Any) -> None:  # noqa: ANN401 - Locust's
        # By then Locust has put here what was typed. What is no address stays: Locust says that it does not do.
        with suppress(ValueError):
            self.host = address.origin(self.host)
        super().__init__(environment)

    def on_start(self) -> None:
        """Choose a language."""
        self.language = self._prefers = random.choice(self.languages)
        self._cached: set[str] = set()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the test's visitors."""
        return options.languages(self.environment.parsed_options)

    @property
    def goods(self) -> Goods:
        """What the shop sells in this visitor's language."""
        return self.goods_in(self.language)

    def goods_in(self, language: str) -> Goods:
        """Return what the shop sells, read once in a test; ends the visit when the shop does not tell."""
        with _reading:
            if language not in _goods:
                _goods[language] = self._read_goods(language)
            return _goods[language]

    def wait_time(self) -> float:
        """Return the seconds of a pause."""
        mean: float = self.environment.parsed_options.think_time
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
                what = str(error) if isinstance(error, Wrong) else f"{type(error).__name__}: {error}"
                response.failure(what if url == name else f"{what} ({url})")
                raise RescheduleTask from error
            response.success()

    @contextmanager
    def page(self, url: str, *, name: str, **request: Any) -> Iterator[Page]:  # noqa: ANN401
        """Look at a page, and at its pictures afterwards. It must be in the visitor's language."""
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
        expect(that=self.environment.parsed_options.allow_degraded, otherwise=f"degraded: {warning}")
        raise RescheduleTask

    def read_json(self, url: str, *, name: str) -> Any:  # noqa: ANN401
        """Return what the API answers."""
        with self.ask("GET", url, name=name) as response:
            return response.json()

    def _read_goods(self, language: str) -> Goods:
        goods, page, more = Goods(language), 0, True
        while more:
            page += 1
            with self.ask("GET", goods.path(page), name="/api/products?page=[n]") as response:
                listed = response.json()
                self.note_degraded(None if listed["translated"] else "the names are not translated")
                more = goods.take(listed)
        return goods

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
