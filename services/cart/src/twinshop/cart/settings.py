"""Settings of the cart."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from twinshop.kit.settings import SECRETS, Settings
from twinshop.kit.store_url import readable


class CartSettings(Settings):
    """Where carts are kept, and for how long."""

    model_config = SettingsConfigDict(env_prefix="CART_", secrets_dir=SECRETS, hide_input_in_errors=True)

    redis_url: Annotated[str, AfterValidator(readable)] = Field(
        default="redis://127.0.0.1:6379/0",
        repr=False,  # it may hold a password
        description="The Redis that keeps the carts: `redis://`, `rediss://` (TLS) or `unix://`",
    )
    redis_password: SecretStr | None = Field(
        default=None,
        description="The password of Redis as it is, not percent-encoded as in a URL; instead of one in the URL",
    )
    ttl_seconds: int = Field(default=30 * 24 * 3600, ge=1, description="How long a cart lives after its last change")
    timeout_seconds: float = Field(default=1.0, gt=0, description="Time for Redis to take a connection, and to answer")
    operation_seconds: float = Field(
        default=1.5, gt=0, description="Time for an operation on a cart, with all its waiting and its second try"
    )
