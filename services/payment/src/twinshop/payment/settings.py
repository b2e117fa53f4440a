"""Settings of the payment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from twinshop.kit.settings import SECRETS


class PaymentSettings(BaseSettings):
    """Where the ledger is kept, and who may work on an order for how long."""

    model_config = SettingsConfigDict(
        env_prefix="PAYMENT_", frozen=True, secrets_dir=SECRETS, hide_input_in_errors=True
    )

    database_url: str = Field(
        default="sqlite:///payment.db",
        repr=False,  # it may hold a password
        description="The database of the ledger: `sqlite:///file` or `postgresql://user:password@host/name`",
    )
    lease_seconds: float = Field(
        default=5,
        ge=3,  # a store front renews its lease every second, and a busy machine may delay that
        description="How long an order stays with a store front that no longer renews its lease",
    )
    grace_seconds: float = Field(
        default=60,
        ge=0,
        description="How long an open order left alone waits for its shopper before `claim` may take it",
    )
    slow_seconds: float = Field(default=3, ge=0, description="How long the slow test card takes")
    acquirer_seconds: float = Field(default=10, gt=0, description="Time for the acquirer to answer a call")
