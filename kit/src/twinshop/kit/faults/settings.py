"""Whether faults can be injected into this process."""

from typing import Annotated

from pydantic import DirectoryPath, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from twinshop.kit.settings import Settings


class FaultSettings(Settings):
    """Without a token there are no faults: no route, no wrapper, no cost."""

    model_config = SettingsConfigDict(
        env_prefix="TWINSHOP_FAULT_",
        hide_input_in_errors=True,  # a token that is too short stays secret too
    )

    token: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None, description="Token that allows clients to inject faults; unset: fault injection is off"
    )
    folder: DirectoryPath | None = Field(
        default=None,
        description="Folder of the active faults, shared by the workers of a server and by a restarted process",
    )
