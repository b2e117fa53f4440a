"""Settings of the catalogue."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from twinshop.kit.settings import SECRETS


class CatalogSettings(BaseSettings):
    """Where the products are kept, where they come from, and how long stock waits for an order."""

    model_config = SettingsConfigDict(
        env_prefix="CATALOG_", frozen=True, secrets_dir=SECRETS, hide_input_in_errors=True
    )

    database_url: str = Field(
        default="sqlite:///catalog.db",
        repr=False,  # it may hold a password
        description="The database: `sqlite:///file` or `postgresql://user:password@host/name`",
    )
    data: Path = Field(
        default=Path(__file__).parent / "data" / "catalogue.json",
        description="The file that the products come from at the start",
    )
    reservation_seconds: int = Field(
        default=900,
        ge=1,
        le=7 * 24 * 3600,
        description="How long stock is set aside for an order that is not committed",
    )
