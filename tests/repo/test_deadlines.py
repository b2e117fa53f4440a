"""The table of deadlines says what the code does."""

import importlib
import re
from pathlib import Path

import pytest

from twinshop.cart.settings import CartSettings
from twinshop.kit.client import ClientSettings
from twinshop.kit.settings import DatabaseSettings, ServerSettings
from twinshop.payment.settings import PaymentSettings
from twinshop.storefront.settings import StorefrontSettings
from twinshop.translate.settings import TranslateSettings

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
HAPROXY = (ROOT / "compose/haproxy.cfg").read_text(encoding="utf-8")
DEADLINES = (ClientSettings, DatabaseSettings)
"""All of whose settings in seconds are deadlines."""
SETTINGS = (*DEADLINES, CartSettings, PaymentSettings, StorefrontSettings, TranslateSettings, ServerSettings)
DEFAULTS = {
    f"{settings.model_config['env_prefix']}{name.upper()}": field.default
    for settings in SETTINGS
    for name, field in settings.model_fields.items()
}


def table():
    section = ARCHITECTURE.partition("## Deadlines")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| [^|]+ \| ([0-9.]+) s \| (HAProxy )?`([^`]+)` \|$", section, re.MULTILINE)
    return {(bool(edge), name): float(seconds) for seconds, edge, name in rows}


def found(name):
    if name.startswith("twinshop."):
        module, _, constant = name.rpartition(".")
        return getattr(importlib.import_module(module), constant)
    return DEFAULTS[name]


@pytest.mark.parametrize(("where", "seconds"), table().items())
def test_a_deadline_is_as_long_as_the_document_says(where, seconds):
    edge, name = where
    if edge:
        assert re.findall(rf"^    {name} (\d+)s$", HAPROXY, re.MULTILINE) == [f"{seconds:.0f}"]
    else:
        assert found(name) == seconds


def test_the_document_has_every_deadline():
    listed = {name for _, name in table()}
    settings = {
        f"{settings.model_config['env_prefix']}{name.upper()}"
        for settings in DEADLINES
        for name in settings.model_fields
        if name.endswith("_seconds")
    }

    assert len(listed) >= 18
    assert settings <= listed
