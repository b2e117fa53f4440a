"""Settings of the catalogue."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from twinshop.kit.settings import SECRETS, Settings
from twinshop.kit.store_url import readable


class CatalogSettings(Settings):
    """Where the products are kept, where they come from, and how long stock waits for an order."""

    model_config = SettingsConfigDict(env_prefix="CATALOG_", secrets_dir=SECRETS, hide_input_in_errors=True)

    database_url: Annotated[str, AfterValidator(readable)] = Field(
        default="sqlite:///catalog.db",
        repr=False,  # it may hold a password
        description="The database: `sqlite:///file` or `postgresql://user:password@host/name`",
    )
    database_password: SecretStr | None = Field(
        default=None,
        description="The database's password as it is, not percent-encoded as in a URL; instead of one in the URL",
    )
    data: Path = Field(
        default=Path(__file__).parent / "data" / "catalogue.json",
        description="File with the products that are loaded at the start",
    )
    reservation_seconds: int = Field(
        default=900,
        ge=1,
        le=7 * 24 * 3600,
        description="How long stock is set aside for an order that is not committed",
    )
