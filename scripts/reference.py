"""
Write the reference pages under docs/reference from the code. `make docs` does it; a test fails on a stale page.

The pages are made from the parts of argparse and not from its help text, whose layout differs between Python versions.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import get_args

from prometheus_client.metrics import MetricWrapperBase
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from twinshop.kit import metrics
from twinshop.kit.faults import models
from twinshop.lab import command_line
from twinshop.lab.environments.variables import settings_classes
from twinshop.lab.faults import FAULTS

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"


def main() -> int:
    """Write every page; return the exit code."""
    for name, page in PAGES.items():
        (FOLDER / f"{name}.md").write_text(page(), encoding="utf-8")
    return 0


def page(title: str, introduction: str, source: str, lines: Iterable[str]) -> str:
    """Return a page that says what it was made from."""
    note = f"<!-- Generated from {source} by scripts/reference.py: run `make docs`, do not edit. -->"
    return "\n".join([f"# {title}", "", note, "", introduction, "", *lines]).rstrip() + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"


def code(text: object) -> str:
    """Return the text as code, and nothing for nothing."""
    return f"`{text}`" if str(text) else ""


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each verb."""
    (verbs,) = (each for each in command_line.parser()._actions if isinstance(each, argparse._SubParsersAction))  # noqa: SLF001 - argparse has no public list
    return {name: verbs.choices[name] for name in command_line.COMMANDS}


def commands() -> str:
    """Return the page of the command line."""
    return page(
        "Commands",
        "`make install` puts `twinshop` into `.venv/bin` (`lab` is its older name, and does the same).\n"
        "`twinshop VERB --help` prints the same text, and `twinshop --version` the version. "
        "The exit code is 0 if the\ncommand succeeded, and 2 for wrong usage. "
        "With `--json` a result is printed as JSON, and progress goes to standard\nerror. "
        "Colours appear only on a terminal, and not if `NO_COLOR` is set.",
        "lab/src/twinshop/lab",
        _commands(),
    )


def _commands() -> Iterator[str]:
    for title, group in command_line.GROUPS.items():
        yield from [f"**{title.capitalize()}**", ""]
        rows = ((f"[twinshop {name}](#twinshop-{name})", purpose) for name, (_, purpose) in group.items())
        yield from [*table(("command", "purpose"), rows), ""]
    for name, parser in parsers().items():
        yield from [f"## twinshop {name}", "", " ".join((parser.description or "").split()), ""]
        examples, details = parser.get_default("examples"), parser.get_default("details")
        width = max(map(len, examples))
        yield from ["```sh", *(f"{line:{width}}  # {words}" for line, words in examples.items()), "```", ""]
        if actions := _actions(parser):
            yield from [*table(("argument", "meaning"), ((_argument(each), _help(each)) for each in actions)), ""]
        if details:
            title, *lines = details.splitlines()
            yield from [f"{title[0].upper()}{title[1:]}", "", *(f"  {line}" for line in lines), ""]


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [each for each in parser._actions if each.dest != "help" and each.help != argparse.SUPPRESS]  # noqa: SLF001 - argparse has no public list


def _argument(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else str(action.metavar or ("" if action.choices else action.dest.upper()))
    if action.choices:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    if not action.option_strings:
        return code(action.metavar or action.dest)
    return ", ".join(code(f"{option} {value}".strip()) for option in action.option_strings)


def _help(action: argparse.Action) -> str:
    return (action.help or "").replace("%%", "%")


def make() -> str:
    """Return the page of the make targets."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][a-z-]*):.*? ## (.*)$", text, re.MULTILINE)
    lines = table(("target", "purpose"), ((code(f"make {name}"), words) for name, words in targets))
    return page("Make targets", "`make` without a target prints this list.", "Makefile", lines)


def settings() -> str:
    """Return the page of the settings."""
    return page(
        "Settings",
        "Every process reads its settings from environment variables when it starts. Compose, Swarm, Kubernetes\n"
        "and the local runtime pass on those that you set, and set addresses, ports and passwords themselves.\n\n"
        "Under Docker a file in `/run/secrets` with the name of a variable stands for the variable.",
        "the settings classes",
        _settings(),
    )


def _settings() -> Iterator[str]:
    for component, classes in settings_classes().items():
        yield from [f"## {component.capitalize() or 'Every process'}", ""]
        yield from table(
            ("variable", "type", "default", "meaning"),
            (
                (code(f"{each.model_config.get('env_prefix', '')}{name}".upper()), _type(field), _default(field),
                 field.description or "")
                for each in classes for name, field in each.model_fields.items()
            ),
        )  # fmt: skip
        yield ""


TYPES = {"str": "text", "int": "integer", "float": "number", "bool": "true or false", "SecretStr": "secret text",
         "Path": "path", "Literal": "one word", "DirectoryPath": "path of a folder", "frozenset": "list"}  # fmt: skip


def _type(field: FieldInfo) -> str:
    names = re.findall(r"\w+", re.sub(r"typing\.|pydantic\.\w+\.|pathlib\.", "", repr(field.annotation)))
    known = [TYPES[name] for name in names if name in TYPES]
    return known[0] if known else "list"


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    value = field.default
    if value in (None, ""):
        return "unset"
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, frozenset):
        return code(",".join(sorted(value)))
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        return f"{code(value.name)}, shipped in the package"
    return code(value)


def metric_page() -> str:
    """Return the page of the metrics."""
    found = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
    rows = (
        (code(name), kind, ", ".join(map(code, each._labelnames)), each._documentation)  # noqa: SLF001 - no public names
        for each in found
        for name, kind in [(f"{each._name}{'_total' * (each._type == 'counter')}", str(each._type))]  # noqa: SLF001
    )
    return page(
        "Metrics",
        "Every process serves these at `/metrics` in the Prometheus text format.\n"
        "[Observe](../telemetry.md) shows how to collect them, and lists the recording rules.\n"
        "The edge answers 404 to `/metrics`.",
        "kit/src/twinshop/kit/metrics.py",
        table(("metric", "type", "labels", "meaning"), rows),
    )


def faults() -> str:
    """Return the page of the faults that the lab and a process can inject."""
    return page(
        "Fault catalogue",
        "[Faults](../faults.md) explains how faults are injected, what each does to either shape, and the HTTP API.",
        "lab/src/twinshop/lab/faults and kit/src/twinshop/kit/faults",
        _faults(),
    )


def _faults() -> Iterator[str]:
    yield from ["## Faults of the lab", ""]
    rows = (
        (code(each.name), each.title, each.layer, ", ".join(each.targets), ", ".join(each.runtimes))
        for each in FAULTS.values()
    )
    yield from table(("fault", "what it does", "target layer", "components", "runtimes"), rows)
    told = "Seen on a page that needs the component; “other pages” do not need it."
    yield from ["", "## What visitors see", "", told, ""]
    seen = ((code(each.name), each.mono, each.micro) for each in FAULTS.values())
    yield from table(("fault", "monolith", "microservices"), seen)
    yield from ["", "## Faults of a process", "", "Members marked * are required.", ""]
    yield from table(("kind", "what it does", "members"), map(_model, get_args(get_args(models.Fault)[0])))


def _model(model: type[models._Fault]) -> tuple[str, str, str]:
    own = {name: each for name, each in model.model_fields.items() if name != "kind"}
    kind = model.model_fields["kind"].annotation.__args__[0]  # type: ignore[union-attr]
    members = ", ".join(code(name) + "*" * each.is_required() for name, each in own.items())
    return code(kind), " ".join((model.__doc__ or "").split()), members


PAGES: dict[str, Callable[[], str]] = {
    "commands": commands,
    "make": make,
    "settings": settings,
    "metrics": metric_page,
    "faults": faults,
}

if __name__ == "__main__":
    sys.exit(main())
