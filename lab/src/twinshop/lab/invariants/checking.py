"""Wait until all orders have ended, read the stored records, and check every invariant."""

import time
from collections.abc import Sequence

from twinshop.contracts.books import PaymentBooks
from twinshop.lab.environments.protocol import Environment
from twinshop.lab.errors import LabError
from twinshop.lab.invariants.books import read_catalog, read_payment
from twinshop.lab.invariants.carts import check_carts
from twinshop.lab.invariants.history import Attempt, CartSeen
from twinshop.lab.invariants.orders import check_orders
from twinshop.lab.invariants.stock import check_stock
from twinshop.lab.invariants.verdict import Checked, together

REST_SECONDS = 20.0
"""How long orders may take to end after the last client has gone: the T of I7. Longer than lease, grace and pause."""
POLL_SECONDS = 0.5
PATIENT_CHECKOUT = {
    "PAYMENT_ACQUIRER_SECONDS": "3",
    "PAYMENT_LEASE_SECONDS": "5",
    "PAYMENT_GRACE_SECONDS": "3",
    "STOREFRONT_RESUME_SECONDS": "1",
}
"""For an environment: an unfinished order is resumed within seconds, not minutes."""


def check_environment(
    environment: Environment,
    attempts: Sequence[Attempt],
    carts: Sequence[CartSeen] = (),
    *,
    seconds: float = REST_SECONDS,
) -> Checked:
    """
    Check I1 to I7.

    Args:
        environment: made with faults; it must have no orders but those of the attempts.
        attempts: all checkouts since the environment was made.
        carts: as they were found now; without any, I6 is unchecked.
        seconds: how long orders may take to end.

    Returns:
        What was found. What could not be read is unchecked, with the reason: nothing is raised for it.
    """
    found = [check_carts(carts)] if carts else [Checked(unchecked={"I6": "no carts were watched"})]
    payment: PaymentBooks | None = None
    try:
        payment = _at_rest(environment, seconds)
        found.append(check_orders(attempts, payment))
    except LabError as error:
        found.append(Checked(unchecked=dict.fromkeys(("I1", "I2", "I3", "I5", "I7"), str(error))))
    try:
        found.append(check_stock(read_catalog(environment), payment))
    except LabError as error:
        found.append(Checked(unchecked={"I4": str(error)}))
    return together(found)


def _at_rest(environment: Environment, seconds: float) -> PaymentBooks:
    """Return the ledger once all orders are closed, at the latest after `seconds`. Raises LabError."""
    end = time.monotonic() + seconds
    while True:
        try:
            books = read_payment(environment)
            if all(order.closed for order in books.orders) or time.monotonic() > end:
                return books
        except LabError:
            if time.monotonic() > end:
                raise
        time.sleep(POLL_SECONDS)
