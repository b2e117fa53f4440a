"""Settings of the process that hosts components; each component adds a class of its own with its own prefix."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_SECRETS = Path("/run/secrets")
SECRETS = _SECRETS if _SECRETS.is_dir() else None
"""
Where Docker's secrets are: a file with the name of a variable stands for the variable.

Unlike a variable it is not seen by `docker inspect`, nor handed on to child processes. None where there are no secrets:
pydantic would warn at every start.
"""


class ServerSettings(BaseSettings):
    """How the process listens, logs and stops."""

    model_config = SettingsConfigDict(env_prefix="TWINSHOP_", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen on")
    workers: int = Field(default=1, ge=1, le=64, description="Processes that share the port")
    shape: str = Field(default="custom", max_length=20, description="`mono`, `micro` or any name, shown in the footer")
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least severe level logged"
    )
    log_requests: bool = Field(default=True, description="One log line for each request; errors are logged anyway")
    max_body: int = Field(default=256 * 1024, ge=1024, description="Largest request body in bytes")
    stop_seconds: int = Field(default=20, ge=1, description="How long requests under way may take after SIGTERM")
