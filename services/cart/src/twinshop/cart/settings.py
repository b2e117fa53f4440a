"""Settings of the cart."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from twinshop.kit.settings import SECRETS


class CartSettings(BaseSettings):
    """Where carts are kept, and for how long."""

    model_config = SettingsConfigDict(env_prefix="CART_", frozen=True, secrets_dir=SECRETS, hide_input_in_errors=True)

    redis_url: str = Field(
        default="redis://127.0.0.1:6379/0",
        repr=False,  # it may hold a password
        description="The Redis that keeps the carts: `redis://`, `rediss://` (TLS) or `unix://`",
    )
    ttl_seconds: int = Field(default=30 * 24 * 3600, ge=1, description="How long a cart lives after its last change")
    timeout_seconds: float = Field(default=1.0, gt=0, description="Time for Redis to take a connection, and to answer")
