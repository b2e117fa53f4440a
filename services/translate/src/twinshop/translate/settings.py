"""Settings of the translator."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from twinshop.kit.settings import Settings

MEMORY = Path(__file__).parent / "memory"
"""The translations that come with the package."""


class TranslateSettings(Settings):
    """Where translations come from, and how long a machine may think."""

    model_config = SettingsConfigDict(env_prefix="TRANSLATE_")

    memory: Path = Field(
        default=MEMORY, description="Folder of the translation memory: `<language>/*.json`, English text to translation"
    )
    engine: Literal["none", "rules", "neural"] = Field(
        default="rules",
        description="Machine translation for texts that are not in the memory: `none`, `rules` (Apertium), or `neural` "
        "(models, with rules as the fallback for pairs without a model)",
    )
    models: Path | None = Field(
        default=None, description="Folder of the neural models, which `make models` fetches; required for `neural`"
    )
    apertium_modes: Path = Field(
        default=Path("/usr/share/apertium/modes"),
        description="Folder of Apertium's mode files, which define the language pairs",
    )
    # Less than a caller's own patience (2 s): a machine that is slow then costs it a text, not the whole answer.
    engine_seconds: float = Field(
        default=1.5, gt=0, le=3600, description="Time for the machine to translate the texts of one request"
    )
    cache_size: int = Field(
        default=1000, ge=0, le=1_000_000, description="Machine translations kept for the next request; 0: none"
    )
