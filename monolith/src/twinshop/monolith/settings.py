"""Which components this process hosts."""

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from twinshop.kit.settings import Settings

Name = Literal["storefront", "catalog", "cart", "payment", "translate"]
ALL: tuple[Name, ...] = ("storefront", "catalog", "cart", "payment", "translate")


class GroupSettings(Settings):
    """A process that hosts the store front serves only that; one that does not serves the routes of all it hosts."""

    model_config = SettingsConfigDict(env_prefix="TWINSHOP_")

    components: Annotated[frozenset[Name], NoDecode] = Field(
        default=frozenset(ALL), min_length=1, description="Comma-separated names of the components hosted here"
    )

    @field_validator("components", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return frozenset(part.strip() for part in value.split(",")) if isinstance(value, str) else value
