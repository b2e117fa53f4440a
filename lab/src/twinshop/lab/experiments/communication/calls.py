"""How many calls the storefront made to each component, from its own metrics."""

from collections.abc import Mapping
from http.client import HTTPConnection
from urllib.parse import urlsplit

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.errors import ProvisionError
from twinshop.lab.measurement.component_calls import COUNT, samples

SECONDS = 5.0

Calls = Mapping[tuple[str, str], float]
"""By component and where it is (`local`, `remote`), since the process began."""


def counted(environment: Environment) -> Calls:
    """Raises LabError if the storefront does not report them."""
    url = environment.control_urls(environment.hosts("storefront"))[0]
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=SECONDS)
    try:
        connection.request("GET", "/metrics")
        return read(connection.getresponse().read().decode())
    except OSError as error:
        raise ProvisionError(f"{url}/metrics does not answer: {error}") from error
    finally:
        connection.close()


def read(exposition: str) -> Calls:
    """The calls in a text of metrics, of all operations and outcomes together."""
    calls: dict[tuple[str, str], float] = {}
    for sample in samples(exposition):
        if sample.name == COUNT:
            key = sample.labels["component"], sample.labels["where"]
            calls[key] = calls.get(key, 0.0) + sample.value
    return calls


def between(before: Calls, after: Calls, sessions: int) -> dict[str, dict[str, float]]:
    """Calls a session: of each component by where it is."""
    made: dict[str, dict[str, float]] = {"local": {}, "remote": {}}
    for (component, where), number in after.items():
        made[where][component] = (number - before.get((component, where), 0.0)) / sessions
    return {where: {name: each for name, each in calls.items() if each > 0} for where, calls in made.items()}
