"""
A caller of this version understands the answers of the version released last, while one replaces the other.

`released.json` has the required fields of its models. `python contracts/tests/test_rollouts.py` writes those of today:
docs/releasing.md.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import twinshop.contracts
from twinshop.contracts.values import Value

RELEASED = Path(__file__).with_name("released.json")


def _values(kind: type[Value] = Value) -> Iterator[type[Value]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("twinshop.contracts."):
            yield each
        yield from _values(each)


def required() -> dict[str, list[str]]:
    """Return the required fields of each model."""
    for module in iter_modules(twinshop.contracts.__path__, "twinshop.contracts."):
        import_module(module.name)
    return {
        f"{each.__module__.removeprefix('twinshop.contracts.')}.{each.__name__}": sorted(
            name for name, field in each.model_fields.items() if field.is_required()
        )
        for each in sorted(set(_values()), key=lambda each: (each.__module__, each.__name__))
    }


def test_a_model_that_was_released_has_no_further_required_field():
    released = json.loads(RELEASED.read_text(encoding="utf-8"))
    further = {
        f"{model}.{field}"
        for model, fields in required().items()
        for field in fields
        if field not in released.get(model, fields)
    }

    assert further == set(), "give it a default: answers of the version before do not have it"


if __name__ == "__main__":
    RELEASED.write_text(json.dumps(required(), indent=1) + "\n", encoding="utf-8")
