"""The check of each lesson on the shop, and the list of all lessons."""

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from twinshop.lab.environments.protocol import Runtime
from twinshop.lab.experiments.packaging import arms as packagings
from twinshop.lab.lessons import images
from twinshop.lab.lessons.findings import COLUMNS, Figure, Findings, step
from twinshop.lab.lessons.machine import OWN_SHAPES, SHAPES, SKU, Machine
from twinshop.lab.shapes import Process, Shape

NAMES = {"mono": "the monolith", "micro": "the microservices"}
ID = "lesson-one"
PIRATE = "docs/lessons/pirate"
OURS, THEIRS = "our translator", "the new one"
PIRATE_PORT, PIRATE_SHOP_PORT = 8399, 8398
PATCHED = "services/cart/src/twinshop/cart/__init__.py"
PATCH, NOTED = "docs/lessons/gift-note.patch", "contracts/src/twinshop/contracts/payment.py"
MODELS = "models/toy"
MODELS_COMMAND = f"python -m twinshop.translate.models --folder {MODELS}"
SPANISH = f"/product/{SKU}?lang=es"
PAGES = ("/", SPANISH, f"/product/{SKU}?lang=en")


def one_program(machine: Machine) -> Findings:
    yield from _up(machine, "local")
    logs = {shape: machine.logs_with(shape, ID) for shape in SHAPES}
    for shape, number in logs.items():
        advice = f"send the request with the ID {ID} to port {SHAPES[shape].port}"
        yield step(f"a request with the ID {ID} is in the logs of {NAMES[shape]}", done=number > 0, advice=advice)
    running = {shape: len(machine.processes(SHAPES[shape])) for shape in SHAPES}
    yield _figure("processes, Redis included", running, "processes")
    yield _figure("logs with traces of the request", logs, "files")


def one_failure(machine: Machine) -> Findings:
    yield from _up(machine, "local", ready=False)
    for shape in SHAPES:
        host = SHAPES[shape].host_of("translate").name
        pid = next((each.pid for each in machine.processes(SHAPES[shape]) if each.name == host), None)
        frozen = pid is not None and machine.frozen(pid)
        yield step(f"the process of translate is stopped in {NAMES[shape]}", done=frozen, advice=f"kill -STOP {pid}")
    with ThreadPoolExecutor() as visitors:  # at the same time: a shop that hangs takes the whole patience of each
        asked = {shape: [visitors.submit(machine.page, SHAPES[shape].port, path) for path in PAGES] for shape in SHAPES}
        paid = {shape: visitors.submit(machine.buys, SHAPES[shape].port) for shape in SHAPES}
    answered = {shape: sum(page.result()[0] == HTTPStatus.OK for page in pages) for shape, pages in asked.items()}
    yield _figure("pages answered in 4 s", answered, f"of {len(PAGES)}")
    yield _figure("orders paid", {shape: int(each.result()) for shape, each in paid.items()}, "of 1")


def the_start(machine: Machine) -> Findings:
    figures = {trial["spec"]["arm"]: trial["outcome"]["figures"] or {} for trial in machine.trials()}
    known = {"warm_first_page_s": "first page, warm", "warm_first_order_s": "first order, warm"}
    known |= {"warm_cpu_s": "processor time of a warm start", "restart_cart_s": "restart of what hosts the cart"}
    complete = all(known.keys() <= figures.get(shape, {}).keys() for shape in SHAPES)
    advice = "twinshop run startup --effort smoke --runtime local --seed 1 --name lesson"
    wrong = bool(figures) and not complete
    yield step("results/latest has a start of each shape", done=complete, wrong=wrong, advice=advice)
    if complete:
        for name, words in known.items():
            yield _figure(words, {shape: figures[shape][name] for shape in SHAPES}, "s")


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
    yield _figure("containers replaced", replaced, "containers")
    yield _figure("containers with code of the shop", shops, "containers")
    if all(shops.values()):
        shares = {shape: 100 * replaced[shape] / shops[shape] for shape in SHAPES}
        yield _figure("share of the shop that was replaced", shares, "%")


def another_technology(machine: Machine) -> Findings:
    names = {OURS: images.TRANSLATE, THEIRS: images.PIRATE}
    builds = {OURS: "-f services/translate/Dockerfile -t twinshop/translate .", THEIRS: f"-t {images.PIRATE} {PIRATE}"}
    sizes = {name: machine.image_bytes(image) for name, image in names.items()}
    for name, image in names.items():
        yield images.built(image, sizes[name], builds[name])
    containers = {OURS: images.SERVICE, THEIRS: "lesson-pirate"}
    up = {name: machine.container(container) == "running" for name, container in containers.items()}
    for name, container in containers.items():
        advice = f"docker run --detach --name {container} {names[name]}"
        yield step(f"{container} runs", done=up[name], advice=advice)
    status, _ = machine.page(PIRATE_PORT, "/translate/pairs")
    advice = f"run lesson-pirate with --publish 127.0.0.1:{PIRATE_PORT}:8000"
    yield step(f"another translator answers on port {PIRATE_PORT}", done=status != 0, advice=advice)
    ours, old = (machine.page(port, SPANISH) for port in (PIRATE_SHOP_PORT, SHAPES["micro"].port))
    yield step("the microservices answer", done=old[0] != 0, advice="make up-micro RUNTIME=local")
    advice = f"start a storefront on port {PIRATE_SHOP_PORT} with STOREFRONT_TRANSLATE_URL"
    wrong = ours[0] != 0
    speaks = "Arr, " in ours[1]
    yield step("a second storefront speaks pirate", done=speaks, wrong=wrong, advice=advice)
    yield step("the first one does not", done=old[0] != 0 and "Arr, " not in old[1], advice="make down up-micro")
    written = {OURS: machine.files("services/translate/src/**/*.py"), THEIRS: machine.files(f"{PIRATE}/*.js")}
    yield Figure("lines of code", [_lines(written[name]) for name in names], "lines")
    yield Figure("size of the image", [(sizes[name] or 0) / 1e6 for name in names], "MB")
    if all(up.values()):
        yield Figure("memory while it runs", [machine.memory(containers[name]) for name in names], "MiB")


def _lines(files: Sequence[Path]) -> int:
    """Without empty ones."""
    return sum(bool(line.strip()) for file in files for line in file.read_text(encoding="utf-8").splitlines())


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
        yield _figure("memory of one more", memory, "MiB")


def maintenance(machine: Machine) -> Findings:
    changed = machine.changed(NOTED)
    yield step("the gift note is in the contract", done=changed is not None, advice=f"git apply {PATCH}")
    yield from _up(machine, "local", shapes=OWN_SHAPES)
    restarted: dict[str, list[Process]] = {shape: [] for shape in OWN_SHAPES}
    for name, shape in OWN_SHAPES.items():
        pids = {each.name: each.pid for each in machine.processes(shape)}
        for process in shape.processes:
            began = machine.started(pids.get(process.name) or 0)
            if changed is not None and began is not None and began > changed:
                restarted[name].append(process)
        for component in ("payment", "storefront"):
            host = shape.host_of(component)
            yield step(
                f"{NAMES[name]}: what hosts {component} runs the change",
                done=host in restarted[name],
                advice=f"end the process; its supervisor starts it again: kill {pids.get(host.name)}",
            )
        done = machine.buys(shape.port, gift_note="For you")
        advice = f'python3 docs/lessons/order.py {shape.url} gift_note="For you"'
        yield step(f"an order with a gift note is paid in {NAMES[name]}", done=done, advice=advice)
    dockerfiles = {"mono": "monolith/Dockerfile", "micro": "services/*/Dockerfile"}
    holding = {shape: _holding("contracts", machine.files(pattern)) for shape, pattern in dockerfiles.items()}
    yield _figure("images with a changed folder", holding, "images")
    yield _figure("processes restarted", {shape: len(each) for shape, each in restarted.items()}, "processes")
    components = {shape: [name for each in found for name in each.components] for shape, found in restarted.items()}
    yield _figure(
        "components out of service meanwhile", {name: len(each) for name, each in components.items()}, "components"
    )
    yield _figure(
        "tests of what was restarted", {name: _tests(machine, each) for name, each in components.items()}, "tests"
    )


def _holding(folder: str, dockerfiles: Sequence[Path]) -> int:
    return sum(f"\nCOPY {folder} " in file.read_text(encoding="utf-8") for file in dockerfiles)


def _tests(machine: Machine, components: Sequence[str]) -> int:
    """How many tests the components have that are written as functions; parameters are not counted."""
    files = [file for name in components for file in machine.files(f"services/{name}/tests/test_*.py")]
    return sum(
        len(re.findall(r"^ *(?:async )?def test_", file.read_text(encoding="utf-8"), re.MULTILINE)) for file in files
    )


def a_model(machine: Machine) -> Findings:
    made = machine.files(f"{MODELS}/en-es/*/model.bin")
    advice = f"{MODELS_COMMAND} demo --size base"
    yield step(f"{MODELS} has two versions", done=len(made) > 1, advice=advice)
    yield from _up(machine, "local", shapes=OWN_SHAPES)
    _, pairs = machine.page(OWN_SHAPES["micro"].host_of("translate").port, "/translate/pairs")
    by_model = '"neural en-es/' in pairs
    advice = f"TRANSLATE_ENGINE=neural TRANSLATE_MODELS=$PWD/{MODELS} make up-micro PORT=8210 RUNTIME=local"
    yield step("the microservices translate by a model", done=by_model, wrong=bool(pairs), advice=advice)
    yield step(
        "version toy-1 translates all texts",
        done='"neural en-es/toy-1"' in pairs,
        wrong=by_model,
        advice=f"{MODELS_COMMAND} use en-es toy-1",
    )
    hosts, shops, beside = {}, {}, {}
    for name, shape in OWN_SHAPES.items():
        used = {each.name: machine.resident(each.pid or 0) for each in machine.processes(shape)}
        host = shape.host_of("translate")
        hosts[name], beside[name] = used.get(host.name, 0.0), len(host.components)
        shops[name] = sum(used.get(process.name, 0.0) for process in shape.processes)
    yield _figure("memory of what hosts the model", hosts, "MiB")
    yield _figure("memory of all processes of the shop", shops, "MiB")
    yield _figure("components that restart with the model", beside, "components")


def _figure(name: str, by_shape: Mapping[str, float], unit: str) -> Figure:
    return Figure(name, [by_shape[shape] for shape in SHAPES], unit)


def _up(machine: Machine, runtime: Runtime, *, ready: bool = True, shapes: Mapping[str, Shape] = SHAPES) -> Findings:
    """Whether both shapes run, and, if they have to be, are ready."""
    for shape in shapes:
        states = machine.processes(shapes[shape], runtime)
        broken = [each.name for each in states if each.state != "ready"] if ready else []
        port = "" if shapes is SHAPES else f"PORT={shapes[shape].port} "
        advice = (
            f"make up-{shape} {port}RUNTIME={runtime}" if not states else f"twinshop logs {shape}: {', '.join(broken)}"
        )
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
    """A lesson, its check, and what its results compare."""

    title: str
    check: Callable[[Machine], Findings]
    columns: Sequence[str] = COLUMNS


LESSONS: Mapping[int, Lesson] = {
    0: Lesson("Docker itself", images.docker_itself, ("process", "container")),
    1: Lesson("One program", one_program),
    2: Lesson("One failure", one_failure),
    3: Lesson("The start", the_start),
    4: Lesson("A patch", a_patch),
    5: Lesson("Another technology", another_technology, (OURS, THEIRS)),
    6: Lesson("Scaling", scaling),
    7: Lesson("Images and layers", images.images_and_layers),
    8: Lesson("One image, many containers", images.one_image, ("new container", "running container")),
    9: Lesson(
        "From commit to production",
        images.from_commit_to_production,
        ("new machine", "machine with the old version"),
    ),
    10: Lesson("Virtual environment, container, virtual machine", images.three_packagings, packagings.ALL),
    11: Lesson("Maintenance", maintenance),
    12: Lesson("A model in production", a_model),
}
