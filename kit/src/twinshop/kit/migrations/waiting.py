"""
Wait for a database that is not up yet.

Orchestrators start containers in any order. A process that gives up at the first refused connection is started again
after a pause that doubles each time (Kubernetes: 10 s, 20 s, … 5 min), so a database that needs half a minute to be
pulled would cost the shop several.
"""

import asyncio
import logging
import time

from twinshop.contracts.errors import Unavailable
from twinshop.kit.database import Database

log = logging.getLogger(__name__)

WAIT_SECONDS = 60.0
"""Below the two minutes that the Kubernetes manifests give a start."""
PAUSE_SECONDS = 0.25
REFUSAL = "FATAL"
"""How PostgreSQL begins what it says to a connection that it does not let in."""
SOON = ("starting up", "shutting down", "not yet accepting", "in recovery", "too many clients", "connection slots")


async def until_it_answers(database: Database, seconds: float = WAIT_SECONDS) -> None:
    """
    Wait until the database accepts connections.

    Raises:
        Unavailable: not within `seconds`; at once if it answers with a refusal, such as a wrong password.
    """
    end = time.monotonic() + seconds
    told = False
    while True:
        try:
            await database.ping()
        except Unavailable as error:
            reason = str(error.__cause__)
            refused = REFUSAL in reason and not any(words in reason for words in SOON)
            if refused or time.monotonic() > end:
                raise
            if not told:
                facts = {"component": database.component, "reason": reason.partition("\n")[0], "seconds": seconds}
                log.warning("waiting for the database", extra=facts)
                told = True
        else:
            return
        await asyncio.sleep(PAUSE_SECONDS)
