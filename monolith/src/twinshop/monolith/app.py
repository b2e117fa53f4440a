"""The app of a group of components; by default of all of them, the monolith."""

from fastapi import FastAPI

from twinshop.kit import app as kit_app
from twinshop.kit.client import ClientSettings, connect
from twinshop.kit.settings import ServerSettings
from twinshop.monolith import wiring
from twinshop.monolith.settings import GroupSettings
from twinshop.monolith.wiring import grouped_shop, local_components
from twinshop.storefront import app as storefront
from twinshop.storefront.api.description import DESCRIPTION, with_new_key
from twinshop.storefront.settings import StorefrontSettings


def create_app() -> FastAPI:
    """The group that the environment names; uvicorn's factory."""
    hosted, server = GroupSettings().components, ServerSettings()
    local = local_components(hosted)
    if "storefront" not in hosted:
        return kit_app.create_app(list(local.values()), server, title=f"Twinshop: {', '.join(local)}")
    settings, calls = StorefrontSettings(), ClientSettings()
    http = connect(calls)
    front = storefront.build(grouped_shop(local, settings, calls, http), settings, server.shape, http)
    return kit_app.create_app(
        [*local.values(), front.component],
        server,
        title=storefront.TITLE,
        description=DESCRIPTION,
        render=front.render,
        document=with_new_key,
        served=[front.component],
        public=True,
    )


async def upgrade() -> None:
    """Bring the databases of the components hosted here to this version's schema."""
    await wiring.upgrade(GroupSettings().components)
