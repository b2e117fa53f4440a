"""
The variables by which each component is set up, read from the settings classes themselves.

Those of a component are handed on to the process that hosts it, under every runtime; what the runtime decides itself
(addresses, ports, passwords, the shape) is not.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from twinshop.contracts.components import CALLED, NAMES, WITH_DATABASE, WITH_REDIS

if TYPE_CHECKING:  # pydantic-settings takes longer to import than the rest of `twinshop ps`
    from pydantic_settings import BaseSettings

REDIS = "redis"
CATALOG = "twinshop.catalog"
"""The module whose command imports products, in whichever process the catalogue is."""
SECRET = "STOREFRONT_SECRET"  # noqa: S105 - the name, not the secret

DECIDED_HERE = frozenset(
    {"TWINSHOP_HOST", "TWINSHOP_PORT", "TWINSHOP_SHAPE", "TWINSHOP_WORKERS", "TWINSHOP_COMPONENTS"}
    | {"PROMETHEUS_MULTIPROC_DIR"}
    | {f"{name.upper()}_DATABASE_{what}" for name in WITH_DATABASE for what in ("URL", "PASSWORD")}
    | {f"{name.upper()}_REDIS_{what}" for name in WITH_REDIS for what in ("URL", "PASSWORD")}
    | {f"STOREFRONT_{name.upper()}_URL" for name in CALLED}
)
"""Variables that must not leak in from the caller's shell; all others reach the services."""


@cache
def settings_classes() -> "dict[str, tuple[type[BaseSettings], ...]]":
    """Return the settings that each component reads; those that every process reads under the empty name."""
    # Imported here because importing all of them would delay every `twinshop ps`.
    from twinshop.kit.client import ClientSettings  # noqa: PLC0415
    from twinshop.kit.faults.settings import FaultSettings  # noqa: PLC0415
    from twinshop.kit.settings import CallerSettings, DatabaseSettings, ServerSettings  # noqa: PLC0415
    from twinshop.monolith.settings import GroupSettings  # noqa: PLC0415

    classes: dict[str, tuple[type[BaseSettings], ...]] = {
        "": (ServerSettings, CallerSettings, GroupSettings, FaultSettings)
    }
    for name in NAMES:
        own = getattr(import_module(f"twinshop.{name}.settings"), f"{name.capitalize()}Settings")
        stores = (DatabaseSettings,) if name in WITH_DATABASE else ()
        calls = () if name in CALLED else (ClientSettings,)
        classes[name] = (own, *stores, *calls)
    return classes


def variables(component: str) -> tuple[str, ...]:
    """Return all variables that a component reads; those of every process for the empty name."""
    return tuple(
        f"{settings.model_config.get('env_prefix', '')}{name}".upper()
        for settings in settings_classes()[component]
        for name in settings.model_fields
    )


def handed_on(component: str) -> tuple[str, ...]:
    """Return those that a runtime takes from the environment; for the empty name, those that every process gets."""
    return tuple(name for name in variables(component) if name not in {*DECIDED_HERE, SECRET})
