"""One session of the open load: its cookies, its choices, the time of each request, and what became of it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import nan
from typing import Any, Protocol

from locust import events

from twinshop.lab.load.open.connections import Answer, NoAnswer
from twinshop.lab.load.record import DEGRADED, GOOD, UNFINISHED, Checkout
from twinshop.shoppers.goods import Goods, Product
from twinshop.shoppers.pages import Page
from twinshop.shoppers.wrong import Wrong, expect

ANY = 0


class Over(Exception):
    """The session has failed and ends; the message is the reason."""


class Load(Protocol):
    """What sessions share; `started` by `time.monotonic`, `goods` by language."""

    started: float
    think_seconds: float
    goods: Mapping[str, Goods]
    on_offer: list[Product]
    connections: Any
    alarm: Any
    recorder: Any


class Session:
    """
    A visitor of the partly-open model: arrives whatever the shop does, then waits for each answer before asking again.

    `due` is when the next request is intended: the first at the session's arrival, each other one when the answer
    before it has come, plus the pause. Latencies count from then on: whatever delays the sending is part of them.
    """

    def __init__(self, load: Load, number: int, journey: str, due: float) -> None:
        self.load, self.number, self.journey, self.due = load, number, journey, due
        self.choices = load.recorder.arrivals.choices(number)
        self.cookies: dict[str, str] = {}
        self.degraded = False
        self._begun = False
        self._sent_late = 0.0

    def choose(self) -> Product:
        """Return a product in stock, in English."""
        found: Product = self.choices.choice(self.load.on_offer)
        return found

    @contextmanager
    def ask(
        self, step: str, method: str, path: str, *, headers: str = "", body: bytes = b"", status: int = 200
    ) -> Iterator[Answer]:
        """One request; the block checks its answer. Raises Over when it was not good."""
        self._wait()
        outcome, done = UNFINISHED, 0.0
        problem: Exception | None = None
        answer: Answer | None = None
        try:
            answer = self.load.connections.ask(method, path, headers + self._own_headers(), body)
            done = time.monotonic()
            self._keep_cookies(answer)
            expect(that=status in {ANY, answer.status}, otherwise=f"status {answer.status}")
            yield answer
            outcome = DEGRADED if answer.degraded else GOOD
            self.degraded |= answer.degraded
        except (NoAnswer, Wrong) as error:
            problem, outcome = error, str(error)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            problem, outcome = error, f"an answer that cannot be read ({type(error).__name__})"
        finally:
            self._note(step, method, path, (done or time.monotonic()) - self.due, outcome, problem, answer)
        if problem is not None:
            raise Over(outcome) from problem
        self.due = done + (self.choices.expovariate(1 / self.load.think_seconds) if self.load.think_seconds else 0.0)

    @contextmanager
    def page(self, step: str, path: str, language: str = "en") -> Iterator[tuple[Page, Answer]]:
        """A page, which must be in this language."""
        with self.ask(step, "GET", path, headers=f"accept-language: {language}\r\n") as answer:
            expect(
                that=str(answer.headers.get("content-type")).startswith("text/html"), otherwise="a page that is no HTML"
            )
            page = Page(answer.text)
            expect(that=page.language == language, otherwise=f"a page not in {language}")
            answer.degraded = page.warning is not None
            yield page, answer

    def note_checkout(self, outcome: str, **about: Any) -> None:  # noqa: ANN401 - the fields of Checkout
        self.load.recorder.checkouts.append(Checkout(self.number, self.due - self.load.started, outcome, **about))

    def _wait(self) -> None:
        self.load.alarm.sleep_until(self.due)
        self._sent_late = time.monotonic() - self.due
        if not self._begun:
            self._begun = True
            self.load.recorder.begun(self.number)

    def _own_headers(self) -> str:
        pairs = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return f"cookie: {pairs}\r\n" if pairs else ""

    def _keep_cookies(self, answer: Answer) -> None:
        for cookie in answer.headers.get_all("set-cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()

    def _note(
        self,
        step: str,
        method: str,
        path: str,
        latency: float,
        outcome: str,
        problem: Exception | None,
        answer: Answer | None,
    ) -> None:
        due = self.due - self.load.started
        late = self._sent_late, nan if answer is None else answer.late
        self.load.recorder.request(self.number, due, latency, f"{self.journey}:{step}", outcome, late)
        if outcome == UNFINISHED:
            return
        events.request.fire(
            request_type=method,
            name=f"{self.journey}: {step}",
            response_time=latency * 1e3,
            response_length=0 if answer is None else len(answer.body),
            exception=None if problem is None else Wrong(outcome),
            context={},
            response=None,
            url=path,
        )
