"""Read the stored records of the shop from its processes, bypassing the edge and injected faults."""

from typing import TypeVar

from pydantic import ValidationError

from twinshop.contracts.books import CatalogBooks, PaymentBooks
from twinshop.contracts.values import Value
from twinshop.lab.environments.protocol import Environment
from twinshop.lab.environments.request import ask
from twinshop.lab.errors import InvariantError

SECONDS = 10.0
"""How long an answer may take."""

Books = TypeVar("Books", bound=Value)


def read_payment(environment: Environment) -> PaymentBooks:
    """Raises LabError: they cannot be read, and why."""
    return _read(environment, "payment", PaymentBooks)


def read_catalog(environment: Environment) -> CatalogBooks:
    """Raises LabError: they cannot be read, and why."""
    return _read(environment, "catalog", CatalogBooks)


def _read(environment: Environment, component: str, kind: type[Books]) -> Books:
    if environment.token is None:
        raise InvariantError("The books are served only if fault injection is enabled.")
    (url, *_) = environment.control_urls(environment.hosts(component)) or ("",)
    headers = {"authorization": f"Bearer {environment.token}"}
    try:
        answer = ask(url, f"/faults/books/{component}", seconds=SECONDS, headers=headers)
    except OSError as error:
        raise InvariantError(f"The books of {component} cannot be read: {type(error).__name__}.") from error
    if not answer.ok:
        raise InvariantError(f"The books of {component} cannot be read: status {answer.status}.")
    try:
        return kind.model_validate_json(answer.body)
    except ValidationError as error:
        raise InvariantError(
            f"The books of {component} are of another version: {error.error_count()} faults."
        ) from error
