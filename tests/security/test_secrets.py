"""Secrets come by variable or by file, and are not told."""

import pytest
from pydantic import ValidationError

from twinshop.cart.settings import CartSettings
from twinshop.catalog.settings import CatalogSettings
from twinshop.kit.settings import SECRETS
from twinshop.payment.settings import PaymentSettings
from twinshop.storefront.settings import StorefrontSettings

SECRET = "correct-horse-battery-staple"
KEEPERS = [
    (StorefrontSettings, "secret", "STOREFRONT_SECRET", SECRET),
    (CatalogSettings, "database_url", "CATALOG_DATABASE_URL", f"postgresql://catalog:{SECRET}@db/catalog"),
    (PaymentSettings, "database_url", "PAYMENT_DATABASE_URL", f"postgresql://payment:{SECRET}@db/payment"),
    (CatalogSettings, "database_password", "CATALOG_DATABASE_PASSWORD", SECRET),
    (PaymentSettings, "database_password", "PAYMENT_DATABASE_PASSWORD", SECRET),
    (CartSettings, "redis_password", "CART_REDIS_PASSWORD", SECRET),
    (CartSettings, "redis_url", "CART_REDIS_URL", f"redis://:{SECRET}@redis:6379/0"),
]
keepers = pytest.mark.parametrize(("settings", "field", "variable", "value"), KEEPERS)


def plain(value):
    return value if isinstance(value, str) else value.get_secret_value()


@keepers
def test_a_file_stands_for_a_variable(settings, field, variable, value, tmp_path, monkeypatch):
    monkeypatch.delenv(variable, raising=False)
    (tmp_path / variable).write_text(value + "\n")

    assert plain(getattr(settings(_secrets_dir=tmp_path), field)) == value
    assert settings.model_config["secrets_dir"] is SECRETS


@keepers
def test_the_variable_wins(settings, field, variable, value, tmp_path, monkeypatch):
    monkeypatch.setenv(variable, value)
    (tmp_path / variable).write_text("something else entirely")

    assert plain(getattr(settings(_secrets_dir=tmp_path), field)) == value


@keepers
def test_settings_do_not_print_it(settings, field, variable, value, monkeypatch):
    monkeypatch.setenv(variable, value)

    assert SECRET not in repr(settings())
    assert SECRET not in str(settings())


def test_nor_does_the_message_that_one_is_too_short(monkeypatch):
    monkeypatch.setenv("STOREFRONT_SECRET", "tooshort")
    with pytest.raises(ValidationError) as error:
        StorefrontSettings()

    assert "at least 16" in str(error.value)
    assert "tooshort" not in str(error.value)
