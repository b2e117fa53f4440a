"""
How the cost of a call grows with the store: the catalogue's with its products, the payment's with its orders.

The components are called in this process, without HTTP and pages, which cost the same at any size. Each works on a
database of its own for each size, filled with synthetic data (`synthetic`). A block makes all calls at all sizes, one
size right after the other, so that ratios are taken within a block. CPU time is that of this process, in which SQLite
runs too, and of the server's process for this connection where PostgreSQL runs on this machine.
"""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import uvloop
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url

from twinshop.catalog import bulk, importing, seed
from twinshop.catalog.app import VERSIONS as CATALOG_VERSIONS
from twinshop.catalog.service import CatalogService
from twinshop.catalog.settings import CatalogSettings
from twinshop.contracts.catalog import ProductQuery
from twinshop.contracts.payment import Card, Delivery, OrderDraft, OrderLine
from twinshop.contracts.values import Money
from twinshop.kit.clock import Clock
from twinshop.kit.database import Database
from twinshop.kit.migrations import migrate, migrated
from twinshop.kit.settings import DatabaseSettings
from twinshop.lab.bench import synthetic
from twinshop.lab.bench.report import time_left
from twinshop.lab.bench.shop import Rows
from twinshop.lab.bench.throughput import percentile
from twinshop.lab.terminal import say
from twinshop.payment.acquirer import TestAcquirer
from twinshop.payment.app import VERSIONS as PAYMENT_VERSIONS
from twinshop.payment.service import PaymentService
from twinshop.payment.settings import PaymentSettings

POSTGRES = "TWINSHOP_BENCH_POSTGRES"
"""Names a database on a server where databases may be created; PostgreSQL is measured only where it is set."""
PRODUCTS = (72, 10_000, 100_000)
"""The first size is what others are compared with: the catalogue that the shop ships."""
ORDERS = (72, 10_000, 1_000_000)
CALLS, MIN_CALLS, MAX_SECONDS = 40, 5, 2.0
"""Calls of one measurement; fewer if they take too much CPU time."""
_PATIENT = DatabaseSettings(statement_seconds=3600, unit_seconds=3600)

Call = Callable[[random.Random], Awaitable[object]]
"""One call; what it asks for is drawn again each time."""


@dataclass(frozen=True, slots=True)
class Store:
    """A filled database, the calls to measure on it, and the seconds and CPU seconds that filling it took."""

    count: int
    database: Database
    calls: Mapping[str, Call]
    seconds: float
    cpu_seconds: float


class _Fill(Protocol):
    """Fills a database with so many entries, and returns the calls to measure on it."""

    async def __call__(self, url: str, database: Database, count: int) -> Mapping[str, Call]: ...


async def fill_catalogue(url: str, database: Database, count: int) -> dict[str, Call]:
    """Import so many products."""
    settings = CatalogSettings()
    await migrate(database, CATALOG_VERSIONS)
    content = synthetic.catalogue(settings.data, count)
    await seed.replace(database, importing.read(content), lambda line: say(f"  {line}"))
    catalog = CatalogService(database, reserve_for=timedelta(minutes=10))
    return {**_catalogue_calls(catalog, settings.data, count), "start again": _starts_again(url, settings.data)}


def _catalogue_calls(catalog: CatalogService, shipped: Path, count: int) -> dict[str, Call]:
    skus, names, *_ = zip(*synthetic.products(shipped, count), strict=True)
    in_category = count // 8

    def search(**query: Any) -> Call:  # noqa: ANN401 - whatever a query has
        asked = ProductQuery(**query)
        return lambda _: catalog.search(asked)

    def of_one(values: Sequence[Any]) -> Call:
        return lambda chance: catalog.search(ProductQuery(text=chance.choice(values)))

    return {
        "home": search(size=12),
        "category": search(category="kitchen"),
        "category, last page": search(category="kitchen", page=max(1, in_category // 24)),
        "all by name, last page": search(sort="name", language="es", page=min(10_000, max(1, count // 24))),
        "product": lambda chance: catalog.get_with_related(chance.choice(skus), 4),
        "cart of five": lambda chance: catalog.get_many(chance.choices(skus, k=5)),
        "search: a whole name": of_one(names[: PRODUCTS[0]]),  # names of further products have more words
        "search: a whole key": of_one(skus),
        "search: the beginning of keys": search(text="kit-0"),
        "search: guitar": search(text="guitar"),
        "search: frying pan": search(text="frying pan"),
        "search: red": search(text="red"),
        "search: kitchen": search(text="kitchen"),
        "search: made": search(text="made"),
        "search: the beginning of a word": search(text="guit"),
        "search: a typing error": search(text="gitar"),
        "search: a word too many": search(text="guitar xqzv"),
        "search: in Spanish": search(text="sartén", language="es"),
        "search: pan, by price": search(text="pan", sort="price"),
        "search: red, in a category": search(text="red", category="sport"),
        "search: red, under 20 euros": search(text="red", max_price=2000),
        "search: red, last page": search(text="red", page=1 if count < PRODUCTS[1] else 41),
        "filter: in stock": search(in_stock=True),
        "filter: a category, 20 to 30 euros, by price": search(
            category="kitchen", sort="price", min_price=2000, max_price=3000
        ),
        "filter: under a euro": search(max_price=99),
        "filter: over 100 euros, by name": search(min_price=10_000, sort="name"),
    }


def _starts_again(url: str, shipped: Path) -> Call:
    """What a start does before the component is ready, without the imports of its packages."""

    async def start(_: random.Random) -> None:
        database = Database("catalog", url, _PATIENT)
        async with migrated(database, CATALOG_VERSIONS):
            await seed.seed(database, shipped)

    return start


async def fill_ledger(url: str, database: Database, count: int) -> dict[str, Call]:
    """Store so many paid orders."""
    del url
    await migrate(database, PAYMENT_VERSIONS)
    async with database.write() as session:
        if database.is_sqlite:  # random keys: its two megabytes of cache would make it read and write every page often
            await (await session.connection()).exec_driver_sql("PRAGMA cache_size = -500000")
        rows = (order for order, _ in synthetic.orders(count))
        await bulk.insert(
            session, "payment_order", synthetic.ORDER_COLUMNS, rows, _Progress(f"{count:,} orders", count)
        )
        rows = (charge for _, charge in synthetic.orders(count))
        await bulk.insert(
            session, "payment_charge", synthetic.CHARGE_COLUMNS, rows, _Progress(f"{count:,} charges", count)
        )
    if database.is_sqlite:
        await database.dispose()  # with its large cache
    else:
        async with database.connection() as connection:
            await connection.execute(text("ANALYZE payment_order, payment_charge"))
    return _ledger_calls(database, count)


def _ledger_calls(database: Database, count: int) -> dict[str, Call]:
    clock, settings = Clock(), PaymentSettings()
    payments = PaymentService(database, TestAcquirer(database, settings.slow_seconds, clock), settings, clock)
    shoppers = max(1, count // synthetic.ORDERS_PER_SHOPPER)

    async def paid(chance: random.Random) -> None:
        order = await payments.open(_draft(chance))
        await payments.charge(order.id, _CARD)
        await payments.confirm(order.id)
        await payments.close(order.id)

    return {
        "order history": lambda chance: payments.find(synthetic.shopper_id(chance.randrange(shoppers))),
        "order page": lambda chance: payments.get(synthetic.order_id(chance.randrange(count))),
        "an order, from opened to closed": paid,
        "orders to resume": lambda _: payments.claim(10),
    }


_CARD = Card(number=SecretStr("4242424242424242"), expiry_month=12, expiry_year=2099, code=SecretStr("123"))
_ADDRESS = Delivery(
    name="Ada Lovelace", email="ada@example.org", street="1 Loop", postcode="08001", city="Reus", country="ES"
)


def _draft(chance: random.Random) -> OrderDraft:
    drawn = f"{chance.getrandbits(96):024x}-{time.monotonic_ns()}"  # a block draws what the block before has drawn
    line = OrderLine(sku="KIT-001", name="Cast-iron frying pan", quantity=1, price=Money(amount=4990))
    return OrderDraft(
        idempotency_key=f"key-{drawn}",
        fingerprint="0" * 64,
        shopper_id=f"buyer-{drawn}",
        cart_id=f"cart-{drawn}",
        lines=(line,),
        total=line.price,
        delivery=_ADDRESS,
    )


class _Progress:
    """Say every few seconds how far a long insert is and how long it will take."""

    def __init__(self, name: str, count: int, now: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._count = count
        self._now = now
        self._began = self._said = now()

    def __call__(self, done: int) -> None:
        now = self._now()
        if now - self._said >= 2 and done < self._count:  # noqa: PLR2004 - seconds
            self._said = now
            left = (now - self._began) / done * (self._count - done)
            say(f"  storing {self._name}: {100 * done // self._count} %, about {time_left(left)} left")


@dataclass(frozen=True, slots=True)
class Kind:
    """What there is more and more of."""

    name: str
    component: str
    sizes: tuple[int, ...]
    fill: _Fill

    def up_to(self, largest: int) -> "Kind":
        """Return this with no size above the largest wanted one, which is a size too."""
        smaller = tuple(size for size in self.sizes if size < largest)
        return replace(self, sizes=(*smaller, max(largest, self.sizes[0])))


PRODUCT, ORDER = Kind("products", "catalog", PRODUCTS, fill_catalogue), Kind("orders", "payment", ORDERS, fill_ledger)


class Filled:
    """Filled databases of all sizes of a kind."""

    def __init__(self, kind: Kind, engine: str, runner: asyncio.Runner, stores: Sequence[Store]) -> None:
        self._kind = kind
        self._engine = engine
        self._runner = runner
        self._stores = stores

    def measure(self, repeats: int) -> Iterator[Rows]:
        """Yield the rows of each block, the first with what filling took."""
        labels = {"kind": self._kind.name, "engine": self._engine}
        filled: list[dict[str, Any]] = [
            {**labels, "count": store.count, "seconds": store.seconds, "cpu_seconds": store.cpu_seconds}
            for store in self._stores
        ]
        for repeat in range(repeats):
            rows: list[dict[str, Any]] = []
            for call in self._stores[0].calls:
                for store in self._stores:
                    figures = self._runner.run(_measured(store, store.calls[call], random.Random(repeat)))  # noqa: S311
                    rows.append({**labels, "call": call, "count": store.count, "repeat": repeat, **figures})
            yield {"size": rows, **({} if repeat else {"filled": filled})}


async def _measured(store: Store, call: Call, chance: random.Random) -> dict[str, float]:
    used = _Cpu(await _backend(store.database))
    await call(chance)
    durations: list[float] = []
    since = used()
    while len(durations) < CALLS and (len(durations) < MIN_CALLS or used() - since < MAX_SECONDS):
        began = time.perf_counter()
        await call(chance)
        durations.append(time.perf_counter() - began)
    cpu = (used() - since) / len(durations)
    durations.sort()
    return {
        "calls": len(durations),
        "cpu_ms": cpu * 1e3,
        "p50_ms": percentile(durations, 0.5) * 1e3,
        "p95_ms": percentile(durations, 0.95) * 1e3,
    }


class _Cpu:
    """CPU seconds of this process and, if it can be seen, of a PostgreSQL server's process."""

    def __init__(self, backend: int | None) -> None:
        file = Path(f"/proc/{backend}")
        here = backend is not None and file.exists() and (file / "comm").read_text().startswith("postgres")
        self._file = file / "schedstat" if here else None

    def __call__(self) -> float:
        # https://docs.kernel.org/scheduler/sched-stats.html: nanoseconds on the CPU come first
        server = 0 if self._file is None else int(self._file.read_text().split()[0])
        return time.process_time() + server / 1e9


async def _backend(database: Database) -> int | None:
    """Return the server's process: calls that come one after the other share one connection of the pool."""
    if database.is_sqlite:
        return None
    async with database.read() as session:
        return int((await (await session.connection()).execute(text("SELECT pg_backend_pid()"))).scalar_one())


def engines() -> dict[str, str | None]:
    """Return the databases to measure: the name of each with the URL of its server, if it has one."""
    url = os.environ.get(POSTGRES)
    return {"SQLite": None, **({"PostgreSQL": url} if url else {})}


@contextmanager
def filled(kind: Kind, engine: str, server: str | None) -> Iterator[Filled]:
    """Make and fill a database for each size; nothing of them stays."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, tempfile.TemporaryDirectory() as folder:
        stack = AsyncExitStack()
        try:
            stores = [runner.run(_store(stack, kind, count, server, Path(folder))) for count in kind.sizes]
            yield Filled(kind, engine, runner, stores)
        finally:
            runner.run(stack.aclose())


async def _store(stack: AsyncExitStack, kind: Kind, count: int, server: str | None, folder: Path) -> Store:
    say(f"Filling a database with {count:,} {kind.name} …")
    if server is None:
        url = f"sqlite:///{folder}/{kind.name}-{count}.db"
    else:
        url = await stack.enter_async_context(_scratch(server, f"twinshop_bench_{kind.name}_{count}_{os.getpid()}"))
    database = Database(kind.component, url, _PATIENT)
    stack.push_async_callback(database.dispose)
    used, began = _Cpu(await _backend(database)), time.monotonic()
    since = used()
    calls = await kind.fill(url, database, count)
    return Store(count, database, calls, time.monotonic() - began, used() - since)


@asynccontextmanager
async def _scratch(server: str, name: str) -> Any:  # noqa: ANN401 - an async iterator of the URL
    """Make a database on the server, and drop it at the end."""
    database = Database("bench", server, _PATIENT)
    try:
        async with database.engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.execute(text(f"CREATE DATABASE {name}"))
            try:
                yield make_url(server).set(database=name).render_as_string(hide_password=False)
            finally:
                await alone.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        await database.dispose()
