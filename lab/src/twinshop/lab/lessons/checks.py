"""The check of each lesson: which steps are done, and the figures that the student has measured."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus

from twinshop.lab.environments.protocol import Runtime
from twinshop.lab.lessons.findings import Figure, Step, step
from twinshop.lab.lessons.machine import SHAPES, SKU, Machine

NAMES = {"mono": "the monolith", "micro": "the microservices"}
ID = "lesson-one"
PIRATE_PORT, PIRATE_SHOP_PORT = 8399, 8398
PATCHED = "services/cart/src/twinshop/cart/__init__.py"
SPANISH = f"/product/{SKU}?lang=es"
PAGES = ("/", SPANISH, f"/product/{SKU}?lang=en")
IMAGES = {"mono": "twinshop/monolith", "micro": "twinshop/cart"}

Findings = Iterator[Step | Figure]


def one_program(machine: Machine) -> Findings:
    yield from _up(machine, "local")
    logs = {shape: machine.logs_with(shape, ID) for shape in SHAPES}
    for shape, number in logs.items():
        advice = f"send the request with the ID {ID} to port {SHAPES[shape].port}"
        yield step(f"a request with the ID {ID} is in the logs of {NAMES[shape]}", done=number > 0, advice=advice)
    running = {shape: len(machine.processes(shape)) for shape in SHAPES}
    yield Figure("processes, Redis included", **running, unit="processes")
    yield Figure("logs with traces of the request", **logs, unit="files")


def one_failure(machine: Machine) -> Findings:
    yield from _up(machine, "local", ready=False)
    for shape in SHAPES:
        host = SHAPES[shape].host_of("translate").name
        pid = next((each.pid for each in machine.processes(shape) if each.name == host), None)
        frozen = pid is not None and machine.frozen(pid)
        yield step(f"the process of translate is stopped in {NAMES[shape]}", done=frozen, advice=f"kill -STOP {pid}")
    with ThreadPoolExecutor() as visitors:  # at the same time: a shop that hangs takes the whole patience of each
        asked = {shape: [visitors.submit(machine.page, SHAPES[shape].port, path) for path in PAGES] for shape in SHAPES}
        paid = {shape: visitors.submit(machine.buys, SHAPES[shape].port) for shape in SHAPES}
    answered = {shape: sum(page.result()[0] == HTTPStatus.OK for page in pages) for shape, pages in asked.items()}
    yield Figure("pages answered in 4 s", **answered, unit=f"of {len(PAGES)}")
    yield Figure("orders paid", **{shape: int(each.result()) for shape, each in paid.items()}, unit="of 1")


def the_start(machine: Machine) -> Findings:
    figures = {trial["spec"]["arm"]: trial["outcome"]["figures"] or {} for trial in machine.trials()}
    known = {"warm_first_page_s": "first page, warm", "warm_first_order_s": "first order, warm"}
    known |= {"warm_cpu_s": "processor time of a warm start", "restart_cart_s": "restart of what hosts the cart"}
    complete = all(known.keys() <= figures.get(shape, {}).keys() for shape in SHAPES)
    advice = "lab run startup --effort smoke --runtime local --seed 1 --name lesson"
    wrong = bool(figures) and not complete
    yield step("results/latest has a start of each shape", done=complete, wrong=wrong, advice=advice)
    if complete:
        for name, words in known.items():
            yield Figure(words, figures["mono"][name], figures["micro"][name], "s")


def a_patch(machine: Machine) -> Findings:
    changed = machine.changed(PATCHED)
    yield step(f"{PATCHED} is changed", done=changed is not None, advice=f"add a line to {PATCHED}")
    yield from _up(machine, "docker")
    replaced, shops = {}, {}
    for shape in SHAPES:
        containers = machine.containers(shape)
        own = {name: at for name, at in containers.items() if _hosts(shape, name)}
        later = [name for name, at in own.items() if changed is not None and at > changed]
        replaced[shape], shops[shape] = len(later), len(own)
        yield step(
            f"{NAMES[shape]}: the container of the cart runs since the patch",
            done=any(_hosts(shape, name, "cart") for name in later),
            wrong=bool(own) and changed is not None,
            advice=f"docker compose -f compose/{shape}.yaml -p twinshop-{shape} up --detach --build --wait",
        )
    yield Figure("containers replaced", **replaced, unit="containers")
    yield Figure("containers with code of the shop", **shops, unit="containers")
    if all(shops.values()):
        shares = {shape: 100 * replaced[shape] / shops[shape] for shape in SHAPES}
        yield Figure("share of the shop that was replaced", **shares, unit="%")


def another_technology(machine: Machine) -> Findings:
    status, _ = machine.page(PIRATE_PORT, "/translate/pairs")
    advice = f"python3 docs/lessons/pirate.py {PIRATE_PORT} &"
    yield step(f"another translator answers on port {PIRATE_PORT}", done=status != 0, advice=advice)
    ours, old = (machine.page(port, SPANISH) for port in (PIRATE_SHOP_PORT, SHAPES["micro"].port))
    yield step("the microservices answer", done=old[0] != 0, advice="make up-micro RUNTIME=local")
    advice = f"start a storefront on port {PIRATE_SHOP_PORT} with STOREFRONT_TRANSLATE_URL"
    wrong = ours[0] != 0
    speaks = "Arr, " in ours[1]
    yield step("a second storefront speaks pirate", done=speaks, wrong=wrong, advice=advice)
    yield step("the first one does not", done=old[0] != 0 and "Arr, " not in old[1], advice="make down up-micro")
    together = {shape: len(SHAPES[shape].host_of("storefront").components) for shape in SHAPES}
    yield Figure("components in the process to restart", **together, unit="components")


def scaling(machine: Machine) -> Findings:
    yield from _up(machine, "docker")
    doubled = {"mono": "monolith", "micro": "catalog"}
    memory = {}
    for shape, service in doubled.items():
        first = f"twinshop-{shape}-{service}-1"
        replicas = [name for name in machine.containers(shape) if name.rpartition("-")[0] == first.rpartition("-")[0]]
        advice = f"docker compose -f compose/{shape}.yaml -p twinshop-{shape} up --detach --scale {service}=2"
        yield step(f"{NAMES[shape]}: {service} has two containers", done=len(replicas) > 1, advice=advice)
        if first in replicas:
            memory[shape] = machine.memory(first)
    if len(memory) == len(SHAPES):
        yield Figure("memory of one more", **memory, unit="MiB")


def images_and_layers(machine: Machine) -> Findings:
    sizes = {shape: machine.image_bytes(name) for shape, name in IMAGES.items()}
    for shape, size in sizes.items():
        file = {"mono": "monolith/Dockerfile", "micro": "services/cart/Dockerfile"}[shape]
        advice = f"docker build -f {file} -t {IMAGES[shape]} ."
        yield step(f"there is an image {IMAGES[shape]}", done=size is not None, advice=advice)
    mono, micro = sizes["mono"], sizes["micro"]
    if mono is not None and micro is not None:
        yield Figure("size of an image: all components, the cart alone", mono / 1e6, micro / 1e6, "MB")


def _up(machine: Machine, runtime: Runtime, *, ready: bool = True) -> Findings:
    """Whether both shapes run, and, if they have to be, are ready."""
    for shape in SHAPES:
        states = machine.processes(shape, runtime)
        broken = [each.name for each in states if each.state != "ready"] if ready else []
        advice = f"make up-{shape} RUNTIME={runtime}" if not states else f"lab logs {shape}: {', '.join(broken)}"
        yield step(
            f"{NAMES[shape]}: running on the {runtime} runtime",
            done=bool(states) and not broken,
            wrong=bool(states),
            advice=advice,
        )


def _hosts(shape: str, container: str, component: str | None = None) -> bool:
    """Whether a container hosts this component, or any of the shop's."""
    service = container.removeprefix(f"twinshop-{shape}-").rpartition("-")[0]
    hosts = {process.name: process.components for process in SHAPES[shape].processes}
    hosts["monolith"] = hosts.pop("mono", ())
    return component in hosts.get(service, ()) if component else bool(hosts.get(service))


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson and its check."""

    title: str
    check: Callable[[Machine], Findings]


LESSONS: Mapping[int, Lesson] = {
    1: Lesson("One program", one_program),
    2: Lesson("One failure", one_failure),
    3: Lesson("The start", the_start),
    4: Lesson("A patch", a_patch),
    5: Lesson("Another technology", another_technology),
    6: Lesson("Scaling", scaling),
    7: Lesson("Images and layers", images_and_layers),
}
