"""Settings of the process that hosts components; each component adds a class of its own with its own prefix."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_SECRETS = Path("/run/secrets")
SECRETS = _SECRETS if _SECRETS.is_dir() else None
"""
Where Docker's secrets are: a file with the name of a variable stands for the variable.

Unlike a variable it is not seen by `docker inspect`, nor handed on to child processes. None where there are no secrets:
pydantic would warn at every start.
"""


class Settings(BaseSettings):
    """An empty variable counts as unset: operators mean that, and Compose hands on what is unset as empty."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)


class CallerSettings(Settings):
    """How a component recognises the storefront as its caller."""

    model_config = SettingsConfigDict(env_prefix="TWINSHOP_CALL_", secrets_dir=SECRETS, hide_input_in_errors=True)

    key: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None,
        description="Key sent with each call and required from each caller; unset: callers are not authenticated",
    )

    def header(self) -> bytes | None:
        """Return the required `authorization` header, if there is one."""
        return None if self.key is None else f"Bearer {self.key.get_secret_value()}".encode()


class ServerSettings(Settings):
    """How the process listens, logs and stops."""

    model_config = SettingsConfigDict(env_prefix="TWINSHOP_")

    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen on")
    workers: int = Field(default=1, ge=1, le=64, description="Processes that share the port")
    shape: str = Field(default="custom", max_length=20, description="`mono`, `micro` or any name, shown in the footer")
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least severe level logged"
    )
    log_requests: bool = Field(default=True, description="One log line for each request; errors are logged anyway")
    max_body: int = Field(default=256 * 1024, ge=1024, description="Largest request body in bytes")
    hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="Names under which visitors reach the process, beside addresses, `localhost` and names without a "
        "dot; separated by commas or spaces, `*` is any",
    )
    trusted_proxies: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(), description="Networks of the proxies whose `X-Forwarded-…` is believed, as `10.0.0.0/8`"
    )
    header_seconds: float = Field(default=10, gt=0, description="How long the headers of a request may take to arrive")
    body_seconds: float = Field(default=10, gt=0, description="How long the body of a request may take to arrive")
    send_seconds: float = Field(default=30, gt=0, description="How long a client may leave an answer unread")
    stop_seconds: int = Field(default=20, ge=1, description="How long requests under way may take after SIGTERM")

    @field_validator("hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return frozenset(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: frozenset[str]) -> frozenset[str]:
        for network in value:
            ip_network(network, strict=False)
        return value


class DatabaseSettings(Settings):
    """Time limits of a component's database."""

    model_config = SettingsConfigDict(env_prefix="TWINSHOP_DATABASE_")

    connect_seconds: int = Field(default=2, ge=2, description="Time to connect to one address of PostgreSQL")
    statement_seconds: float = Field(
        default=4, gt=0, description="Time for one statement with the locks it waits for; the database keeps it"
    )
    unit_seconds: float = Field(
        default=5,
        gt=0,
        description="Time for a unit of work, from waiting for a connection to its commit; the component keeps it",
    )
