"""Every setting of the config map arrives in a pod's process, but for what its manifest decides."""

import pytest

from twinshop.contracts.components import NAMES
from twinshop.lab.environments.variables import handed_on
from twinshop.testing.settings import not_arrived, values

pytestmark = pytest.mark.integration
DECIDED_BY_THE_MANIFEST = {"TWINSHOP_STOP_SECONDS", "TWINSHOP_CALL_KEY"}
AND_OF_THE_FRONT = {"TWINSHOP_HOSTS", "TWINSHOP_TRUSTED_PROXIES"}


def test_every_setting_arrives_in_the_pods(shop):
    for pod in shop.pods.values():
        (source,) = pod.container["envFrom"]
        assert source["configMapRef"]["name"] == "twinshop-settings"
        hosted = pod.environment.get("TWINSHOP_COMPONENTS", ",".join(NAMES)).split(",")
        image = pod.container["image"].partition(":")[0].removeprefix("twinshop/")
        components = hosted if image == "monolith" else [image]
        decided = DECIDED_BY_THE_MANIFEST | (AND_OF_THE_FRONT if pod.is_front else set())
        wanted = {each for component in ("", *components) for each in handed_on(component)} - decided

        # As the kubelet does: what the manifest names itself wins over the map.
        received = {**values(), **pod.environment}
        assert not_arrived(received, {name: values()[name] for name in wanted}) == {}, pod.name
