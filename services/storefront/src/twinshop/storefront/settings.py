"""Settings of the storefront."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from twinshop.kit.settings import SECRETS, Settings

ORIGIN = r"^https?://[A-Za-z0-9.:\[\]-]+$"


class StorefrontSettings(Settings):
    """Who is called where, and how visitors are told apart."""

    model_config = SettingsConfigDict(env_prefix="STOREFRONT_", secrets_dir=SECRETS, hide_input_in_errors=True)

    secret: SecretStr = Field(min_length=16, description="Key that signs the visitor's cookie; equal in all replicas")
    catalog_url: str | None = Field(
        default=None, description="Where the catalogue is; unset in a process that hosts it"
    )
    cart_url: str | None = Field(default=None, description="Where the cart is")
    payment_url: str | None = Field(default=None, description="Where the payment is")
    translate_url: str | None = Field(default=None, description="Where the translator is")
    charge_seconds: float = Field(default=15, gt=0, description="Time for a charge: acquirers are slow")
    resume_seconds: float = Field(default=5, gt=0, description="Pause between two looks for unfinished orders")
    secure_cookies: bool = Field(default=False, description="Send cookies over HTTPS only; for a shop behind TLS")
    framed_by: str | None = Field(
        default=None,
        pattern=ORIGIN,
        description="Origin whose pages may show the shop in a frame, such as the lab's control room",
    )
    other_shape_url: str | None = Field(
        default=None,
        pattern=ORIGIN,
        description="Origin of the same shop in the other shape: every page links to itself there, with both times",
    )
