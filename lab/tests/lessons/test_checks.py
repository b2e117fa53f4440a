"""What `twinshop check` says of a machine; `tests/lessons` runs it at the end of each lesson on a real one."""

import json
from pathlib import Path

import pytest

from twinshop.lab.environments.lifecycle import Status
from twinshop.lab.environments.request import Answer
from twinshop.lab.lessons.checks import LESSONS, MODELS, PIRATE_PORT, PIRATE_SHOP_PORT
from twinshop.lab.lessons.findings import Figure, Step, report
from twinshop.lab.lessons.images import COMMAND, GREETED, GREETER, HELLO, IMAGES, PIRATE, PRODUCTION, SERVICE, TRANSLATE
from twinshop.lab.lessons.machine import Manifest, ThisMachine
from twinshop.lab.shapes import MICRO, MONO

ROOT = Path(__file__).parents[3]
NAMES = {"mono": [each.name for each in MONO.processes], "micro": [each.name for each in MICRO.processes]}
CONTAINERS = {
    "mono": {"twinshop-mono-monolith-1": 200.0, "twinshop-mono-edge-1": 50.0, "twinshop-mono-redis-1": 50.0},
    "micro": {f"twinshop-micro-{name}-1": 50.0 for name in (*NAMES["micro"], "edge", "redis")},
}
TRIALS = [
    {
        "spec": {"arm": arm},
        "outcome": {
            "figures": {
                "warm_first_page_s": seconds,
                "warm_first_order_s": seconds + 0.5,
                "warm_cpu_s": seconds,
                "restart_cart_s": 1.0,
            }
        },
    }
    for arm, seconds in (("mono", 1.0), ("micro", 2.0))
]

OUTSIDE = dict.fromkeys(("sees_host_process", "writes_host_file", "reaches_host_loopback"), True)
TRIALS += [
    {
        "spec": {"arm": arm},
        "outcome": {
            "figures": {
                "first_answer_s": seconds,
                "first_answer_cpu_s": 0.5,
                "host_memory_bytes": 2**26,
                "disk_bytes": 10**8,
                "build_s": 2.0,
            },
            "detail": {"isolation": isolation},
        },
    }
    for arm, seconds, isolation in (
        ("virtual environment", 0.7, OUTSIDE),
        ("container", 1.1, dict.fromkeys(OUTSIDE, False)),
    )
]
OLD = Manifest("sha256:1", {"sha256:base": 50_000_000, "sha256:a": 1000})
NEW = Manifest("sha256:2", {"sha256:base": 50_000_000, "sha256:b": 2000})


class FakeMachine:
    """On which every lesson has been done; a test changes what it is about."""

    def __init__(self):
        self.running = {shape: [Status(name, "ready", pid=7) for name in names] for shape, names in NAMES.items()}
        self.stopped = True
        self.answers = {
            8200: (200, "Hola"),
            8214: (200, '[{"engine":"neural en-es/toy-1"}]'),
            PIRATE_PORT: (200, "[]"),
            PIRATE_SHOP_PORT: (200, "Arr, a pan"),
        }
        self.buying = {8200, 8110, 8210}
        self.begun = {7: 200.0}
        self.logs = {"mono": 1, "micro": 3}
        self.found = TRIALS
        self.carried = {shape: dict(containers) for shape, containers in CONTAINERS.items()}
        self.carried["micro"]["twinshop-micro-cart-1"] = 200.0
        self.carried["mono"]["twinshop-mono-monolith-2"] = 200.0
        self.carried["micro"]["twinshop-micro-catalog-2"] = 50.0
        self.patched = 100.0
        self.qemu = self.has_nested = True
        self.versions = ["toy-1", "toy-2"]
        self.images = {
            IMAGES["mono"]: 600_000_000,
            IMAGES["micro"]: 300_000_000,
            HELLO: 130_000_000,
            TRANSLATE: 500_000_000,
            PIRATE: 300_000_000,
        }
        self.version = "28.0"
        self.states = {GREETED: "exited 0", GREETER: "running", SERVICE: "running", "lesson-pirate": "running"}
        self.origins = {PRODUCTION: "localhost:5001/hello@sha256:1"}
        self.published = {"abc1234": OLD, "def5678": NEW, "latest": NEW}
        self.starts = {COMMAND: (("translate",), ("--languages",))}

    def processes(self, shape, runtime="local"):
        return self.running[shape.name.partition("-")[0]]

    def resident(self, pid):
        return {7: 100.0, None: 0.0}.get(pid, 0.0)

    def started(self, pid):
        return self.begun.get(pid)

    def frozen(self, pid):
        return self.stopped

    def page(self, port, path):
        return self.answers.get(port, (0, ""))

    def buys(self, port, **delivery):
        return port in self.buying

    def logs_with(self, shape, text):
        return self.logs[shape]

    def trials(self):
        return self.found

    def nesting(self):
        return self.qemu

    def nested(self):
        return self.has_nested

    def containers(self, shape):
        return self.carried[shape]

    def memory(self, container):
        return {"twinshop-mono-monolith-1": 150.0, "twinshop-micro-catalog-1": 75.0, SERVICE: 90, "lesson-pirate": 30}[
            container
        ]

    def changed(self, path):
        return self.patched

    def image_bytes(self, name):
        return self.images.get(name)

    def image_start(self, name):
        return self.starts.get(name)

    def engine(self):
        return self.version

    def container(self, name):
        return self.states.get(name)

    def image_of(self, container):
        return self.origins.get(container)

    def tags(self, registry_port, repository):
        return list(self.published)

    def manifest(self, registry_port, repository, tag):
        return self.published.get(tag)

    def seconds(self, *command):
        return 1.0 if command[:2] == ("docker", "run") else 0.05

    def file_bytes(self, path):
        return 1000

    def files(self, pattern):
        if pattern.startswith(MODELS):
            return [Path(MODELS, "en-es", version, "model.bin") for version in self.versions]
        return sorted(ROOT.glob(pattern))


@pytest.fixture
def machine():
    return FakeMachine()


def steps(machine, number):
    found = [each for each in LESSONS[number].check(machine) if isinstance(each, Step)]
    return {(each.verdict, each.text, each.advice) for each in found if each.verdict != "done"}


def figures(machine, number):
    return [each for each in LESSONS[number].check(machine) if isinstance(each, Figure)]


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_that_is_done_has_no_step_left_and_a_result_for_both_shapes(machine, number):
    assert steps(machine, number) == set()
    assert figures(machine, number)


@pytest.mark.parametrize("number", [1, 2, 4, 6, 11, 12])
def test_shops_that_do_not_run_are_missing_with_the_command_that_starts_them(machine, number):
    machine.running = {"mono": [], "micro": []}
    machine.carried = {"mono": {}, "micro": {}}
    found = {(verdict, " ".join(advice.split()[:2])) for verdict, _, advice in steps(machine, number)}

    assert {("missing", "make up-mono"), ("missing", "make up-micro")} <= found


def test_a_process_that_is_not_ready_is_wrong_and_named(machine):
    machine.running["micro"][2] = Status("cart", "crashed")

    ((verdict, _, advice),) = steps(machine, 1)
    assert (verdict, advice) == ("wrong", "twinshop logs micro: cart")


def test_a_request_that_was_not_sent_is_missing(machine):
    machine.logs = {"mono": 1, "micro": 0}

    assert {verdict for verdict, *_ in steps(machine, 1)} == {"missing"}


def test_a_hang_has_to_be_there_while_it_is_checked(machine):
    machine.stopped = False

    assert {advice for *_, advice in steps(machine, 2)} == {"kill -STOP 7"}


def test_the_failure_is_measured_by_pages_and_a_purchase(machine):
    assert figures(machine, 2) == [
        Figure("pages answered in 4 s", [0, 3], "of 3"),
        Figure("orders paid", [0, 1], "of 1"),
    ]


def test_a_run_of_another_experiment_is_wrong_and_none_is_missing(machine):
    machine.found = [{"spec": {"arm": "mono"}, "outcome": {"figures": {"good": 1}}}]
    assert {verdict for verdict, *_ in steps(machine, 3)} == {"wrong"}
    machine.found = []
    assert {verdict for verdict, *_ in steps(machine, 3)} == {"missing"}


def test_a_container_from_before_the_patch_is_wrong(machine):
    machine.carried["micro"]["twinshop-micro-cart-1"] = 50.0

    ((verdict, text, _),) = steps(machine, 4)
    assert (verdict, text) == ("wrong", "the microservices: the container of the cart runs since the patch")


def test_stores_and_the_edge_are_not_containers_of_the_shop_s_code(machine):
    del machine.carried["mono"]["twinshop-mono-monolith-2"], machine.carried["micro"]["twinshop-micro-catalog-2"]

    assert figures(machine, 4) == [
        Figure("containers replaced", [1, 1], "containers"),
        Figure("containers with code of the shop", [1, 5], "containers"),
        Figure("share of the shop that was replaced", [100, 20], "%"),
    ]


def test_a_storefront_with_the_old_translator_is_wrong(machine):
    machine.answers[PIRATE_SHOP_PORT] = (200, "Hola")

    assert {verdict for verdict, *_ in steps(machine, 5)} == {"wrong"}


def test_an_engine_that_does_not_answer_is_missing(machine):
    machine.version = None

    assert ("missing", "the client reaches an engine") in {found[:2] for found in steps(machine, 0)}


@pytest.mark.parametrize(
    ("states", "verdicts"),
    [
        ({}, {GREETED: "missing", GREETER: "missing"}),
        ({GREETED: "exited 1", GREETER: "exited 137"}, {GREETED: "wrong", GREETER: "wrong"}),
    ],
)
def test_a_container_in_another_state_is_wrong_and_none_is_missing(machine, states, verdicts):
    machine.states = states

    assert {text.partition(" ")[0]: verdict for verdict, text, _ in steps(machine, 0)} == verdicts


def test_a_process_and_a_container_are_compared_by_time_and_size(machine):
    assert figures(machine, 0) == [
        Figure("time to greet", [0.05, 1.0], "s"),
        Figure("bytes to ship", [1, 130_000], "kB"),
    ]


@pytest.mark.parametrize(
    ("start", "verdict"),
    [
        (None, "missing"),
        (((), ("translate", "--languages")), "wrong"),
        ((("/bin/sh", "-c", "translate"), ("--languages",)), "wrong"),
        ((("translate",), ()), "wrong"),
    ],
)
def test_an_image_that_is_no_command_is_wrong(machine, start, verdict):
    machine.starts[COMMAND] = start

    assert [found for found, *_ in steps(machine, 8)] == [verdict]


def test_a_new_container_is_compared_with_a_running_one(machine):
    assert figures(machine, 8) == [Figure("time to translate a word", [1.0, 0.05], "s")]


def test_a_change_that_crosses_components_is_counted_by_what_was_restarted(machine):
    """In the microservices storefront and payment have restarted since, in the monolith everything."""
    machine.running["micro"] = [
        Status(name, "ready", pid=7 if name in ("storefront", "payment") else 8) for name in NAMES["micro"]
    ]
    machine.begun = {7: 200.0, 8: 50.0}

    assert steps(machine, 11) == set()
    assert figures(machine, 11)[:3] == [
        Figure("images with a changed folder", [1, 5], "images"),
        Figure("processes restarted", [1, 2], "processes"),
        Figure("components out of service meanwhile", [5, 2], "components"),
    ]
    tests = figures(machine, 11)[3].values
    assert tests[0] > tests[1] > 0


def test_a_process_from_before_the_change_is_missing(machine):
    machine.begun = {7: 50.0}

    assert len([advice for *_, advice in steps(machine, 11) if advice.endswith("kill 7")]) == 4


@pytest.mark.parametrize(
    ("image", "verdicts"),
    [
        (None, ["missing", "missing"]),
        ("localhost:5001/hello:latest", ["wrong", "missing"]),
        ("localhost:5001/hello@sha256:other", ["wrong", "missing"]),
        ("localhost:5001/hello@sha256:2", ["wrong"]),
    ],
)
def test_production_runs_a_published_version_by_its_digest_and_not_the_latest(machine, image, verdicts):
    machine.origins = {PRODUCTION: image}
    found = [each.verdict for each in LESSONS[9].check(machine) if isinstance(each, Step)]

    assert [verdict for verdict in found if verdict != "done"] == verdicts


def test_a_registry_without_an_answer_is_missing(machine):
    machine.published = {}

    assert {verdict for verdict, *_ in steps(machine, 9)} == {"missing", "wrong"}


def test_a_machine_with_the_old_version_downloads_what_is_new(machine):
    assert figures(machine, 9) == [
        Figure("layers to download", [2, 1], "layers"),
        Figure("bytes to download", [50_002, 2], "kB"),
    ]


def test_three_columns_have_no_ratio():
    text = report("Lesson", [], [Figure("start", [1, 2.345, 3000.4], "s")], ("environment", "container", "machine"))

    assert text.splitlines()[-2:] == [
        "result  environment  container  machine  unit",
        "start             1       2.35     3000  s",
    ]


def test_another_technology_costs_lines_bytes_and_memory(machine):
    lines, size, memory = figures(machine, 5)

    assert lines.values[0] > 10 * lines.values[1] > 0
    assert size == Figure("size of the image", [500, 300], "MB")
    assert memory == Figure("memory while it runs", [90, 30], "MiB")


def test_a_packaging_that_was_not_started_has_no_figures(machine):
    found = {figure.name: figure for figure in figures(machine, 10)}

    assert found["start to first answer"].values == [0.7, 1.1, None]
    assert found["memory on the host"] == Figure("memory on the host", [64, 64, None], "MiB")
    assert found["attempts to leave it that succeeded"].values == [3, 0, None]
    machine.found, machine.qemu = machine.found[:1], False
    assert {verdict for verdict, *_ in steps(machine, 10)} == {"wrong"}


def test_an_engine_in_a_virtual_machine_is_asked_for_only_where_there_can_be_one(machine):
    machine.has_nested = False
    assert [verdict for verdict, *_ in steps(machine, 10)] == ["missing"]
    machine.qemu = False
    assert [verdict for verdict, *_ in steps(machine, 10)] == []


def test_what_is_not_known_is_a_dash():
    text = report("Lesson", [], [Figure("start", [1, None], "s")], ("container", "machine"))

    assert text.splitlines()[-1] == "start           1        -      -  s"


def test_the_report_has_advice_below_its_step_and_a_table_with_ratio_and_unit():
    text = report(
        "Lesson 1: One program",
        [Step("done", "it runs"), Step("missing", "a request", "send it")],
        [Figure("processes", [2, 6], "processes"), Figure("orders", [0, 1], "of 1"), Figure("time", [0.5, 0.25], "s")],
    )

    assert text.splitlines() == [
        "Lesson 1: One program",
        "  done     it runs",
        "  missing  a request",
        "           Next: send it",
        "",
        "result     monolith  microservices  ratio  unit",
        "processes         2              6   3.00  processes",
        "orders            0              1      -  of 1",
        "time           0.50           0.25   0.50  s",
    ]


def test_an_index_of_platforms_has_a_digest_of_its_own_and_the_layers_of_a_platform(monkeypatch):
    layers = {"layers": [{"digest": "sha256:base", "size": 7}]}
    platforms = [{"digest": "sha256:note", "platform": {"architecture": "unknown"}}]
    platforms += [{"digest": "sha256:amd64", "platform": {"architecture": "amd64"}}]
    answers = {"latest": {"manifests": platforms}, "sha256:amd64": layers, "plain": layers}

    def ask(url, path, **_):
        body = answers.get(path.rpartition("/")[2])
        return Answer(200 if body else 404, json.dumps(body).encode())

    monkeypatch.setattr("twinshop.lab.lessons.machine.ask", ask)
    machine = ThisMachine(ROOT)
    index, plain = (machine.manifest(5001, "hello", tag) for tag in ("latest", "plain"))

    assert index.layers == plain.layers == {"sha256:base": 7}
    assert index.digest != plain.digest
    assert machine.manifest(5001, "hello", "none") is None


@pytest.mark.parametrize(
    ("pairs", "verdicts"),
    [
        ("", ["missing", "missing"]),
        ('[{"engine":"apertium eng-spa"}]', ["wrong", "missing"]),
        ('[{"engine":"neural en-es/toy-2"}]', ["wrong"]),
        ('[{"engine":"neural en-es/toy-1, 25 % toy-2"}]', ["wrong"]),
    ],
)
def test_another_engine_or_version_than_the_lesson_ends_with_is_told(machine, pairs, verdicts):
    machine.answers[8214] = (200, pairs)

    assert sorted(verdict for verdict, *_ in steps(machine, 12)) == sorted(verdicts)


def test_the_toy_is_made_first(machine):
    machine.versions = []

    ((verdict, _, advice),) = steps(machine, 12)
    assert (verdict, advice.split()[-3:]) == ("missing", ["demo", "--size", "base"])


def test_the_host_of_the_model_is_the_whole_shop_only_in_the_monolith(machine):
    assert figures(machine, 12) == [
        Figure("memory of what hosts the model", [100, 100], "MiB"),
        Figure("memory of all processes of the shop", [100, 500], "MiB"),
        Figure("components that restart with the model", [5, 1], "components"),
    ]
