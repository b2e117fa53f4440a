"""Settings of the payment."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from twinshop.kit.settings import SECRETS
from twinshop.kit.store_url import readable


class PaymentSettings(BaseSettings):
    """Where the ledger is kept, and who may work on an order for how long."""

    model_config = SettingsConfigDict(
        env_prefix="PAYMENT_", frozen=True, secrets_dir=SECRETS, hide_input_in_errors=True
    )

    database_url: Annotated[str, AfterValidator(readable)] = Field(
        default="sqlite:///payment.db",
        repr=False,  # it may hold a password
        description="The database of the ledger: `sqlite:///file` or `postgresql://user:password@host/name`",
    )
    database_password: SecretStr | None = Field(
        default=None,
        description="The database's password as it is, not percent-encoded as in a URL; instead of one in the URL",
    )
    lease_seconds: float = Field(default=30, gt=0, description="How long whoever works on an order has it alone")
    grace_seconds: float = Field(
        default=60,
        ge=0,
        description="How long an open order left alone waits for its shopper before `claim` may take it",
    )
    slow_seconds: float = Field(default=3, ge=0, description="How long the slow test card takes")
    acquirer_seconds: float = Field(default=10, gt=0, description="Time for the acquirer to answer a call")

    @model_validator(mode="after")
    def _lease_outlasts_a_call(self) -> Self:
        """Otherwise a second worker would get an order whose charge is still under way."""
        if self.lease_seconds <= self.acquirer_seconds:
            raise ValueError("PAYMENT_LEASE_SECONDS must be longer than PAYMENT_ACQUIRER_SECONDS")
        return self
