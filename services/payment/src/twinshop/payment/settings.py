"""Settings of the payment."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from twinshop.kit.settings import SECRETS, Settings
from twinshop.kit.store_url import readable


class PaymentSettings(Settings):
    """Where the ledger is kept, and who may work on an order for how long."""

    model_config = SettingsConfigDict(env_prefix="PAYMENT_", secrets_dir=SECRETS, hide_input_in_errors=True)

    database_url: Annotated[str, AfterValidator(readable)] = Field(
        default="sqlite:///payment.db",
        repr=False,  # it may hold a password
        description="The database of the ledger: `sqlite:///file` or `postgresql://user:password@host/name`",
    )
    database_password: SecretStr | None = Field(
        default=None,
        description="The database's password as it is, not percent-encoded as in a URL; instead of one in the URL",
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
