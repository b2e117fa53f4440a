"""Every setting that a document names reaches the process under each runtime; the settings classes list them."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from twinshop.lab.environments.docker.compose_file import compose
from twinshop.lab.environments.kubernetes.stores import stores
from twinshop.lab.environments.local.programs import environment
from twinshop.lab.environments.variables import DECIDED_HERE, SECRET, handed_on, settings_classes, variables
from twinshop.lab.shapes import COMPONENTS, MICRO, MONO, parse
from twinshop.testing.groupings import grouping
from twinshop.testing.settings import VALUES, values

ROOT = Path(__file__).parents[2]
FRAGMENTS = ROOT / "compose"
GROUPING = parse(grouping("storefront+cart", "catalog+payment"))
BEHIND_AN_EDGE = "TWINSHOP_TRUSTED_PROXIES"
"""In containers a process believes the edge, and the edge whom the environment names."""
EVERY = {name for component in ("", *COMPONENTS) for name in variables(component)}


def expected(components):
    """What the process that hosts these components takes from the environment."""
    return {name for component in ("", *components) for name in handed_on(component)}


@cache
def loaded(path):
    return yaml.safe_load(path.read_text())


def compose_environment(service, folder, *, file=None):
    """The variables of a Compose service, with those of what it extends."""
    found = {}
    if "extends" in service:
        path = folder / service["extends"].get("file", file)
        found = compose_environment(
            loaded(path)["services"][service["extends"]["service"]], path.parent, file=path.name
        )
    return {**found, **service.get("environment", {})}


def taken(variables):
    """The names of those whose value is the environment's own: without a value, or with a reference to themselves."""
    return {name for name, value in variables.items() if value is None or str(value).startswith(f"${{{name}:-")}


def compose_services():
    yield "mono", loaded(FRAGMENTS / "mono.yaml")["services"]["monolith"], FRAGMENTS, COMPONENTS
    for component in COMPONENTS:
        yield component, loaded(FRAGMENTS / f"{component}.yaml")["services"][component], FRAGMENTS, (component,)
        alone = ROOT / "services" / component
        yield f"{component} alone", loaded(alone / "compose.yaml")["services"][component], alone, (component,)
    services = compose(GROUPING, ROOT).document["services"]
    for process in GROUPING.processes:
        yield f"group {process.name}", services[process.name], FRAGMENTS, process.components


def test_the_table_of_values_has_every_setting():
    assert VALUES.keys() == expected(COMPONENTS)


CLASSES = {each.__name__: each for classes in settings_classes().values() for each in classes}


@pytest.mark.parametrize("settings", CLASSES.values(), ids=CLASSES)
def test_an_empty_variable_is_unset(settings, monkeypatch):
    monkeypatch.setenv("STOREFRONT_SECRET", "0123456789abcdef")
    optional = {name for name, field in settings.model_fields.items() if not field.is_required()}
    variables = {f"{settings.model_config['env_prefix']}{name}".upper() for name in optional}
    for variable in variables:
        monkeypatch.delenv(variable, raising=False)
    unset = settings()
    for variable in variables:
        monkeypatch.setenv(variable, "")

    assert settings() == unset


@pytest.mark.parametrize("settings", CLASSES.values(), ids=CLASSES)
def test_each_value_of_the_table_is_one_that_is_not_the_default(settings, monkeypatch):
    monkeypatch.setenv("STOREFRONT_SECRET", "0123456789abcdef")
    given = values(ROOT / "services/catalog/src/twinshop/catalog", ROOT / "services/translate/src/twinshop/translate")
    for name in EVERY:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STOREFRONT_SECRET", "0123456789abcdef")
    unset = settings()
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    prefix = settings.model_config["env_prefix"]
    named = [field for field in settings.model_fields if f"{prefix}{field}".upper() in given]

    assert [field for field in named if getattr(settings(), field) == getattr(unset, field)] == []


@pytest.mark.parametrize(
    ("service", "folder", "hosted"), [pytest.param(*rest, id=name) for name, *rest in compose_services()]
)
def test_compose_hands_every_setting_on(service, folder, hosted):
    found = compose_environment(service, folder)
    assert taken(found) == expected(hosted) - {BEHIND_AN_EDGE}


@pytest.mark.parametrize("shape", [MONO, MICRO])
def test_a_swarm_hands_every_setting_on(shape):
    services = loaded(ROOT / "deploy" / "swarm" / f"{shape.name}.yaml")["services"]
    for process in shape.processes:
        service = services["monolith" if shape is MONO else process.name]
        assert taken(service["environment"]) == expected(process.components) - {BEHIND_AN_EDGE}


@pytest.mark.parametrize("file", ["compose/common.yaml", "deploy/swarm/edge.yaml"])
def test_the_edge_is_told_whom_to_believe(file):
    assert BEHIND_AN_EDGE in taken(loaded(ROOT / file)["services"]["edge"]["environment"])


def test_on_kubernetes_every_setting_comes_from_a_config_map():
    (container,) = loaded(ROOT / "deploy/kubernetes/base/deployment.yaml")["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": "twinshop-settings", "optional": True}}]
    fixed = set()
    for file in (ROOT / "deploy" / "kubernetes").rglob("*.yaml"):
        fixed |= set(re.findall(r"- \{?name: ([A-Z][A-Z_]+)", file.read_text())) & expected(COMPONENTS)
    # They would win over the map: the grace period's, the way in with TLS, and a secret.
    way_in = {"STOREFRONT_SECURE_COOKIES", "TWINSHOP_HOSTS", BEHIND_AN_EDGE}
    assert fixed == {"TWINSHOP_STOP_SECONDS", "TWINSHOP_CALL_KEY", *way_in}


@pytest.mark.parametrize("shape", [MONO, MICRO, GROUPING])
def test_the_local_runtime_lets_every_setting_through(shape, tmp_path):
    for process in shape.processes:
        settings = expected(process.components)
        assert not settings & DECIDED_HERE  # what it takes out of the shell's environment
        assert not settings & environment(shape, process, tmp_path).keys()  # what it sets itself


def test_what_a_runtime_decides_is_an_address_a_password_or_the_shape():
    decided = {name for component in ("", *COMPONENTS) for name in variables(component)} - expected(COMPONENTS)
    words = ("_URL", "_PASSWORD", "_HOST", "_PORT", "_SHAPE", "_WORKERS", "_COMPONENTS")
    assert {name for name in decided if not name.endswith(words)} == {SECRET}


DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "monolith/README.md",
    *ROOT.glob("services/*/README.md"),
    *ROOT.glob("docs/*.md"),
]
ENDINGS = {name.partition("_")[0] for name in EVERY}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_variable_of_the_shop_that_a_document_names_exists(document):
    """It is a setting, or some file of the repository reads it."""
    read = "\n".join(
        file.read_text()
        for folder in ("compose", "deploy", "services", "lab/src", "shoppers/src", "kit/src")
        for pattern in ("*.yaml", "*.py", "*.sh", "*.cfg", "*Dockerfile")
        for file in (ROOT / folder).rglob(pattern)
    )
    named = {
        name
        for name in re.findall(r"\b[A-Z]+_[A-Z_]+[A-Z]\b(?!\*)", document.read_text())
        if name.partition("_")[0] in ENDINGS
    }
    unread = {name for name in named - EVERY if name not in read}
    assert {name for name in unread if not name.endswith("_WORKERS")} == set()  # of any process: MONO_WORKERS


def test_all_databases_start_with_the_same_accounts():
    """Under Compose the script is in the file, since the engine need not be on this machine; a swarm has it by name."""
    (script,) = [
        part for part in loaded(FRAGMENTS / "common.yaml")["services"]["database"]["entrypoint"] if "\n" in part
    ]
    assert (FRAGMENTS / "database.sh").read_text() == script.replace("$$", "$")
    for file, services in (("micro.yaml", ("catalog-db", "payment-db")), ("mono.yaml", ("database",))):
        stack = loaded(ROOT / "deploy/swarm" / file)
        assert (ROOT / "deploy/swarm" / stack["configs"]["database"]["file"]).resolve() == FRAGMENTS / "database.sh"
        for service in services:
            database = stack["services"][service]
            assert database["entrypoint"] == ["bash", "-eu", database["configs"][0]["target"]]


def test_redis_has_the_same_accounts_under_every_runtime():
    compose_words = loaded(FRAGMENTS / "common.yaml")["services"]["redis"]["command"]
    wanted = {each.split()[0]: each.split()[-5:] for each in " ".join(compose_words).split("--user ")[1:]}
    assert wanted.keys() == {"default", "health", "cart"}
    found = {
        shape: loaded(ROOT / f"deploy/swarm/{shape}.yaml")["services"]["redis"]["command"][-1]
        for shape in ("mono", "micro")
    }
    found["cluster"] = " ".join(
        next(
            each["spec"]["template"]["spec"]["containers"][0]["command"]
            for each in stores(MICRO, ROOT)
            if (each["kind"], each["metadata"]["name"]) == ("Deployment", "redis")
        )
    )
    for command in found.values():
        words = command.replace('"', "").replace("\\\n", " ")
        assert {each.split()[0]: each.split()[-5:] for each in words.split("--user ")[1:]} == wanted


URLS = re.compile(r"\b(?:postgresql|redis|rediss)://[^\s\"'}|`]*")


def test_no_file_puts_a_password_into_a_url():
    """A password of any characters would break it: it comes in a variable of its own."""
    files = [*FRAGMENTS.glob("*.yaml"), *(ROOT / "deploy").rglob("*.*"), *ROOT.glob("services/*/compose.yaml")]
    wrong = {
        (file.name, url)
        for file in files
        if file.is_file()
        for url in URLS.findall(file.read_text())
        if re.search(r"//[^/]*:[^/]*@", url)
    }
    assert wrong == set()
