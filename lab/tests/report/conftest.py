"""A run that was never made: records as the experiments would write them, with effects that are known."""

import numpy as np
import pytest

from twinshop.lab.report.page import make_report
from twinshop.lab.report.plots import (
    CapacityPoint,
    FrontierPoint,
    LatencyPoint,
    capacity,
    ecdf,
    forest,
    frontier,
    heat_map,
    hockey_stick,
    phases,
    timelines,
)
from twinshop.lab.report.section import Claim, Plot, Section, Table
from twinshop.lab.results.trial import Outcome, Spec, Trial
from twinshop.lab.statistics.compare import compare, difference
from twinshop.lab.statistics.usl import fit_usl

ARMS = {"mono": 1.0, "mono again": 1.0, "micro": 1.7}
JOURNEYS = ["browse", "search", "translate", "cart", "checkout"]
FAULTS = ["catalog: crash", "catalog: hang", "cart: crash", "payment: hang", "payment: latency", "translate: CPU burn"]


@pytest.fixture(scope="session")
def manifest():
    return {
        "format": 1,
        "run": "20260301T101500Z-full",
        "began": "2026-03-01T10:15:00+00:00",
        "ended": "2026-03-01T12:01:30+00:00",
        "state": "complete",
        "effort": "full",
        "experiments": ["startup", "isolation", "scaling"],
        "runtimes": ["docker", "local"],
        "repeats": None,
        "options": {"tax.splits": "translate out;micro"},
        "seed": 4711,
        "planned": 78,
        "machine": {
            "commit": "af817c0d5f6f5d1b0c1f0a9be96a69df7b460d5f",
            "changed": False,
            "code_sha256": "1f" * 32,
            "lock_sha256": "2e" * 32,
            "python": "3.13.1",
            "kernel": "6.12.9",
            "processor": "Example CPU 3000 at 2.4 GHz",
            "cores": 4,
            "memory_bytes": 16 * 2**30,
            "cgroup": 2,
            "docker": {"engine": "27.5.1", "compose": "2.32.4", "storage": "overlay2", "cgroup_driver": "systemd"},
            "load_before": [0.08, 0.11, 0.2],
            "packages": {"fastapi": "0.115.6", "uvicorn": "0.34.0", "locust": "2.41.0"},
        },
    }


@pytest.fixture(scope="session")
def trials():
    random = np.random.default_rng(7)
    made = []
    for block in range(12):
        for arm in random.permutation(list(ARMS)):
            level = ARMS[arm] * random.lognormal(0, 0.03)
            figures = {
                "first_page_s": 2.2 * level,
                "idle_memory_bytes": 1.3e8 * level**1.6,
                "restart_translate_s": 2.3 / level**2,
            }
            runtime = "docker" if block < 6 else "local"
            spec = Spec("startup", str(arm), block, {"runtime": runtime})
            void = "failed: micro is not there after 120 s." if (arm, block) == ("micro", 4) else None
            made.append(_trial(len(made), spec, Outcome({} if void else figures, void=void)))
    for block in range(6):
        for arm in random.permutation(["mono", "micro"]):
            lost = {"mono": 900, "micro": 260}[str(arm)] + random.normal(0, 30)
            spec = Spec("isolation", str(arm), block, {"fault": "payment: hang", "rate": 20.0})
            void = "the load was not stationary: 41% of the window" if (arm, block) == ("mono", 5) else None
            made.append(_trial(len(made), spec, Outcome({"lost": lost, "violations": 0.0}, void=void)))
    return made


def _trial(position, spec, outcome):
    started = f"2026-03-01T{10 + position // 60:02}:{position % 60:02}:00.000+00:00"
    return Trial(f"{spec.experiment}-{position:04}", spec, position, started, 41.5, outcome)


@pytest.fixture(scope="session")
def sections(trials):
    return [_startup(trials), _isolation(trials), _scaling()]


@pytest.fixture(scope="session")
def made(tmp_path_factory, manifest, trials, sections):
    """The folder of the run with its page; not to be changed."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "run.json").write_text("{}\n")
    (folder / "trials.jsonl").write_text("".join(f"{trial.id}\n" for trial in trials))
    (folder / "trials" / "startup-0014").mkdir(parents=True)
    make_report(folder, manifest, trials, sections)
    return folder


def _startup(trials):
    def against(figure, other, **where):
        return compare(trials, figure, "mono", other, smaller_is_better=True, where=where)

    pages = against("first_page_s", "micro", runtime="docker")
    compared = [
        ("first page, Docker, warm", pages),
        ("first page, local, warm", against("first_page_s", "micro", runtime="local")),
        ("memory of the idle shop", against("idle_memory_bytes", "micro")),
        ("restart of translate", against("restart_translate_s", "micro")),
        ("first page, both runtimes", against("first_page_s", "mono again")),
    ]
    values = {
        arm: [
            trial.outcome.figures["first_page_s"]
            for trial in trials
            if trial.spec.arm == arm and "first_page_s" in trial.outcome.figures
        ]
        for arm in ARMS
    }
    spent = {"create": 0.02, "interpreter": 0.21, "imports": 1.31, "initialise": 0.42, "bind": 0.08}
    parts = ["mono: mono", *(f"micro: {name}" for name in ("storefront", "catalog", "cart", "payment", "translate"))]
    bars = {part: {name: time * (1 + at / 10) for name, time in spent.items()} for at, part in enumerate(parts)}
    return Section(
        "startup",
        "How long until the shop is there, and where does the time go?",
        "The microservices take 1.7 times as long to the first page as the monolith: five interpreters start and "
        "import on the same processors.",
        claims=[
            Claim(
                "Microservices start faster, because each is small.",
                "does not hold",
                f"The first page takes {pages.ratio:.2f} times as long ({pages.low:.2f} to {pages.high:.2f}, "
                f"n = {pages.n}).",
            ),
            Claim(
                "One component restarts faster alone.",
                "holds",
                "Translate is back after 0.35 of the time that the monolith takes.",
            ),
        ],
        comparisons=compared,
        plots=[
            Plot("startup-first-page", "All starts: the share that showed a page within so many seconds.",
                 lambda: ecdf(values, x="first good page, s")),
            Plot("startup-phases", "Where a start spends its time; importing is most of it in every process.",
                 lambda: phases(bars, x="seconds")),
            Plot("startup-compared", "The comparisons of this section.", lambda: forest(compared)),
        ],
        tables=[
            Table(
                "startup-medians",
                "Medians of all starts.",
                ("arm", "first page, s", "idle memory, MiB"),
                [("mono", "2.21", "127"), ("micro", "3.74", "294")],
            ),
        ],
        limits=["The caches of the disk were dropped only where the lab ran as root."],
        skipped=["Energy: this machine has no counter for it."],
        headline="A monolith starts in 2.2 s, the microservices in 3.7 s.",
        main_effects={words: words for words, _ in compared},
    )  # fmt: skip


def _isolation(trials):
    random = np.random.default_rng(3)
    cells = {"mono": random.uniform(0.5, 1, (6, 5)), "micro": random.uniform(0, 0.4, (6, 5))}
    cells["micro"][2, 1] = np.nan

    def goodput(during):
        return [np.r_[random.normal(20, 1, 30), random.normal(during, 1, 30).clip(0), random.normal(20, 1, 30)]
                for _ in range(5)]  # fmt: skip

    return Section(
        "isolation",
        "When a component fails, how much of the shop fails with it?",
        "With the payment component hanging, the monolith loses most sessions, the microservices only checkouts.",
        claims=[Claim("A failure stays where it happens.", "in part", "It does for four of six faults.")],
        comparisons=[
            ("lost sessions, payment hangs", compare(trials, "lost", "mono", "micro", smaller_is_better=True)),
            ("broken invariants", difference(trials, "violations", "mono", "micro", smaller_is_better=True)),
        ],
        plots=[
            Plot("isolation-blast", "Share of good sessions lost while the fault was there.",
                 lambda: heat_map(cells, rows=FAULTS, columns=JOURNEYS)),
            Plot("isolation-payment", "Good sessions while payment hangs: median and range of five blocks.",
                 lambda: timelines({"all journeys": {"mono": goodput(3), "micro": goodput(17)}},
                                   y="good sessions/s", fault=(0, 30), start=-30, fault_name="payment hangs")),
        ],
    )  # fmt: skip


def _scaling():
    points = [(n, 40 * n / (1 + 0.06 * (n - 1) + 0.004 * n * (n - 1))) for n in (0.25, 0.5, 1, 2, 3, 4)]
    fit = fit_usl(points)
    grown = [CapacityPoint(n, x, x * 0.95, x * 1.04) for n, x in points]
    stick = {arm: [LatencyPoint(x, 8 / (1 - x / most), 30 / (1 - x / most)) for x in np.linspace(2, most - 1, 8)]
             for arm, most in (("mono", 42.0), ("micro", 25.0))}  # fmt: skip
    splits = [
        FrontierPoint(1, 0.98, "mono", best=True),
        FrontierPoint(1.15, 0.7, "translate out", best=True, low=1.1, high=1.2),
        FrontierPoint(1.3, 0.75, "cart out"),
        FrontierPoint(1.9, 0.2, "micro", best=True, low=1.82, high=1.97),
    ]
    return Section(
        "scaling",
        "How much does each shape carry, and how does that grow?",
        "The monolith carries more with every budget that was measured.",
        claims=[Claim("Only microservices scale.", "not measured", "Docker was not there.")],
        plots=[
            Plot("scaling-capacity", "Capacity against processors, with the fitted law.",
                 lambda: capacity({"mono": grown}, fits={"mono": fit}, x="processors", y="sessions/s")),
            Plot("scaling-latency", "Latency against the offered rate.", lambda: hockey_stick(stick, slo_ms=200)),
            Plot("scaling-frontier", "Which split is worth its cost.",
                 lambda: frontier(splits, x="CPU time / the monolith's", y="sessions lost")),
        ],
        tables=[
            Table("scaling-all", "All capacities.", ("mix", "budget", *(f"column {at}" for at in range(9))),
                  [("balanced", "1", *("12.5" for _ in range(9)))]),
        ],
        limits=[f"The peak of the law is not identified: {fit.not_identified}."],
    )  # fmt: skip
