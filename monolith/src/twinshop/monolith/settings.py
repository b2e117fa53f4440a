"""Which components this process hosts."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from twinshop.contracts.components import NAMES
from twinshop.kit.settings import Settings


class GroupSettings(Settings):
    """A process that hosts the storefront serves only that; one that does not serves the routes of all it hosts."""

    model_config = SettingsConfigDict(env_prefix="TWINSHOP_")

    components: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(NAMES), min_length=1, description="Comma-separated names of the components hosted here"
    )

    @field_validator("components", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return frozenset(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("components")
    @classmethod
    def _known(cls, value: frozenset[str]) -> frozenset[str]:
        if unknown := sorted(value - set(NAMES)):
            raise ValueError(f"unknown component '{unknown[0]}': choose from {', '.join(NAMES)}")
        return value
