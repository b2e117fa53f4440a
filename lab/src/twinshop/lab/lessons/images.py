"""The checks of the lessons on images and containers."""

import sys
from collections.abc import Mapping
from typing import Any

from twinshop.lab.experiments.packaging import arms as packagings
from twinshop.lab.lessons.findings import Figure, Findings, Step, step
from twinshop.lab.lessons.machine import Machine

HELLO = "twinshop/hello"
HELLO_FILE = "docs/lessons/hello/hello.py"
GREETED, GREETER = "lesson-hello", "lesson-greeter"
TRANSLATE, COMMAND, SERVICE = "twinshop/translate", "twinshop/lesson-translate", "lesson-service"
REGISTRY_PORT, PUBLISHED, PRODUCTION = 5001, "hello", "lesson-production"
LATEST = "latest"
PIRATE = "twinshop/pirate"
ATTEMPTS = ("sees_host_process", "writes_host_file", "reaches_host_loopback")
PACKAGING_FIGURES = {
    "start to first answer": ("first_answer_s", 1, "s"),
    "processor time of the start": ("first_answer_cpu_s", 1, "s"),
    "memory on the host": ("host_memory_bytes", 2**20, "MiB"),
    "space on the disk": ("disk_bytes", 1e6, "MB"),
    "rebuilt after one changed line": ("build_s", 1, "s"),
}
WORD = ("-t", "Kitchen", "-d", "es")
IMAGES = {"mono": "twinshop/monolith", "micro": "twinshop/cart"}


def built(name: str, size: int | None, command: str) -> Step:
    """The step that ends with an image; `command` is what follows `docker build`."""
    return step(f"there is an image {name}", done=size is not None, advice=f"docker build {command}")


def docker_itself(machine: Machine) -> Findings:
    engine = machine.engine()
    yield step("the client reaches an engine", done=engine is not None, advice="start Docker, then: docker version")
    size = machine.image_bytes(HELLO)
    yield built(HELLO, size, f"-t {HELLO} docs/lessons/hello")
    state = machine.container(GREETED)
    yield step(
        f"{GREETED} has run and ended without an error",
        done=state == "exited 0",
        wrong=state is not None,
        advice=f"docker rm -f {GREETED}; docker run --name {GREETED} {HELLO}",
    )
    state = machine.container(GREETER)
    yield step(
        f"{GREETER} runs",
        done=state == "running",
        wrong=state is not None,
        advice=f"docker rm -f {GREETER}; docker run --detach --name {GREETER} {HELLO} python /hello.py 1",
    )
    if size is not None:
        process = machine.seconds(sys.executable, HELLO_FILE)
        container = machine.seconds("docker", "run", "--rm", HELLO)
        yield Figure("time to greet", [process, container], "s")
        yield Figure("bytes to ship", [machine.file_bytes(HELLO_FILE) / 1e3, size / 1e3], "kB")


def images_and_layers(machine: Machine) -> Findings:
    sizes = {shape: machine.image_bytes(name) for shape, name in IMAGES.items()}
    for shape, size in sizes.items():
        file = {"mono": "monolith/Dockerfile", "micro": "services/cart/Dockerfile"}[shape]
        yield built(IMAGES[shape], size, f"-f {file} -t {IMAGES[shape]} .")
    mono, micro = sizes["mono"], sizes["micro"]
    if mono is not None and micro is not None:
        yield Figure("size of an image: all components, the cart alone", (mono / 1e6, micro / 1e6), "MB")


def one_image(machine: Machine) -> Findings:
    size = machine.image_bytes(TRANSLATE)
    yield built(TRANSLATE, size, f"-f services/translate/Dockerfile -t {TRANSLATE} .")
    start = machine.image_start(COMMAND)
    yield step(
        f"the image {COMMAND} is the command translate, with default arguments",
        done=start is not None and start[0] == ("translate",) and bool(start[1]),
        wrong=start is not None,
        advice=f'docker build -t {COMMAND} - with ENTRYPOINT ["translate"] and CMD ["--languages"]',
    )
    state = machine.container(SERVICE)
    running = state == "running"
    yield step(
        f"{SERVICE} runs the service of the same image",
        done=running,
        wrong=state is not None,
        advice=f"docker rm -f {SERVICE}; docker run --detach --name {SERVICE} {TRANSLATE}",
    )
    if running and start is not None:
        new = machine.seconds("docker", "run", "--rm", COMMAND, *WORD)
        yield Figure(
            "time to translate a word", [new, machine.seconds("docker", "exec", SERVICE, "translate", *WORD)], "s"
        )


def from_commit_to_production(machine: Machine) -> Findings:
    tags = machine.tags(REGISTRY_PORT, PUBLISHED)
    advice = "start the registry, and push a commit to the build server"
    yield step(f"the registry on port {REGISTRY_PORT} has an image {PUBLISHED}", done=bool(tags), advice=advice)
    versions = {tag: machine.manifest(REGISTRY_PORT, PUBLISHED, tag) for tag in tags}
    known = {manifest.digest: manifest for manifest in versions.values() if manifest is not None}
    yield step("two versions are published", done=len(known) > 1, advice="change hello.py, commit and push")
    image = machine.image_of(PRODUCTION)
    running = known.get((image or "").partition("@")[2])
    yield step(
        f"{PRODUCTION} runs a published version, by its digest",
        done=running is not None,
        wrong=image is not None,
        advice=f"docker run --detach --name {PRODUCTION} localhost:{REGISTRY_PORT}/{PUBLISHED}@sha256:…",
    )
    latest = versions.get(LATEST)
    yield step(
        f"{PRODUCTION} is rolled back: it does not run the latest version",
        done=None not in (running, latest) and running != latest,
        wrong=running is not None,
        advice="deploy the digest of the first version",
    )
    if running is not None and latest is not None:
        new = [size for digest, size in latest.layers.items() if digest not in running.layers]
        yield Figure("layers to download", [len(latest.layers), len(new)], "layers")
        yield Figure("bytes to download", [sum(latest.layers.values()) / 1e3, sum(new) / 1e3], "kB")


def three_packagings(machine: Machine) -> Findings:
    outcomes = {trial["spec"]["arm"]: trial["outcome"] for trial in machine.trials()}
    figures = {arm: (outcomes.get(arm) or {}).get("figures") or {} for arm in packagings.ALL}
    for arm in (packagings.VENV, packagings.CONTAINER):
        yield step(
            f"results/latest has a start of the {arm}",
            done="first_answer_s" in figures[arm],
            wrong=bool(outcomes),
            advice="twinshop run packaging --effort smoke --seed 1 --name lesson",
        )
    if machine.nesting():
        done, advice = machine.nested(), "twinshop nested"
        yield step("an engine in a virtual machine has run a container", done=done, advice=advice)
    for name, (key, scale, unit) in PACKAGING_FIGURES.items():
        known = (figures[arm].get(key) for arm in packagings.ALL)
        yield Figure(name, [None if value is None else value / scale for value in known], unit)
    yield Figure("attempts to leave it that succeeded", [_left(outcomes.get(arm)) for arm in packagings.ALL], "of 3")


def _left(outcome: Mapping[str, Any] | None) -> int | None:
    """How many of the probe's attempts succeeded."""
    found = outcome and (outcome.get("detail") or {}).get("isolation")
    return sum(bool(found[each]) for each in ATTEMPTS) if found else None
