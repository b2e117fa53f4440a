"""The shop's own books, read from the processes that keep them, past the edge and past any planted fault."""

import http.client
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError

from twinshop.contracts.books import CatalogBooks, PaymentBooks
from twinshop.contracts.values import Value
from twinshop.lab.deployment.api import DeploymentError
from twinshop.lab.deployment.site import Site

SECONDS = 10.0
"""How long an answer may take."""

Books = TypeVar("Books", bound=Value)


def read_payment(site: Site) -> PaymentBooks:
    """Raises DeploymentError: they cannot be read, and why."""
    return _read(site, "payment", PaymentBooks)


def read_catalog(site: Site) -> CatalogBooks:
    """Raises DeploymentError: they cannot be read, and why."""
    return _read(site, "catalog", CatalogBooks)


def _read(site: Site, component: str, kind: type[Books]) -> Books:
    if site.token is None:
        raise DeploymentError("The books are served only where faults can be planted.")
    (url, *_) = site.control_urls(site.hosts(component)) or ("",)
    address = urlsplit(url)
    # http.client and not urllib, which would ask a proxy
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=SECONDS)
    try:
        headers = {"authorization": f"Bearer {site.token}"}
        connection.request("GET", f"/faults/books/{component}", headers=headers)
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise DeploymentError(f"The books of {component} cannot be read: {type(error).__name__}.") from error
    finally:
        connection.close()
    if response.status != http.HTTPStatus.OK:
        raise DeploymentError(f"The books of {component} cannot be read: status {response.status}.")
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise DeploymentError(
            f"The books of {component} are of another version: {error.error_count()} faults."
        ) from error
