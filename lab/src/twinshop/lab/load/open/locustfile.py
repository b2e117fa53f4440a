"""
An open load: visitors come when they come, whether the shop keeps up or not.

    locust -f lab/src/twinshop/lab/load/open/locustfile.py --headless --host http://localhost:8100 --rate 20
    locust -f lab/src/twinshop/lab/load/open/locustfile.py --host http://localhost:8100     # page at localhost:8089

`twinshop load` and the experiments run this file, too. One Locust user is the whole generator: the number of users
has no meaning here. In Locust's tables a request's time counts from its intended start.
"""

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gevent
from locust import User, events, task
from locust.exception import StopUser

from twinshop.lab.errors import UsageError
from twinshop.lab.load import options, table
from twinshop.lab.load.open.dispatcher import Dispatcher
from twinshop.lab.load.open.goods import Unfit
from twinshop.lab.load.plan import LoadPlan
from twinshop.lab.load.result import read_load
from twinshop.shoppers import address

OWNER_SECONDS = 0.5
"""How often a generator looks whether the lab that started it is still there."""

log = logging.getLogger(__name__)
console = logging.getLogger("locust.stats_logger")


@events.init_command_line_parser.add_listener
def _add(parser: Any) -> None:  # noqa: ANN401 - Locust's own parser class
    options.add(parser, profile="--load-profile", variables=True)
    parser.add_argument("--folder", default="", help="for what is measured; default: results/load-<time>")
    # The lab's own: a folder with a plan.json, which stands for all options above.
    parser.add_argument("--plan", default="", include_in_web_ui=False, help="folder with the plan.json of a load")


class OpenLoop(User):
    """The generator. `fixed_count`: there is only ever one of it."""

    fixed_count = 1
    host = address.DEFAULT

    @task
    def load(self) -> None:
        """One load; then the test is over, however it ended: Locust would begin the task again."""
        try:
            self._load()
        except (Unfit, UsageError, ValueError) as error:
            log.error("%s", error)  # noqa: TRY400 - for people
            self.environment.process_exit_code = 1
            if folder := self.environment.parsed_options.plan:
                (Path(folder) / "failure.txt").write_text(str(error), encoding="utf-8")
        except Exception:
            log.exception("The generator failed")
            self.environment.process_exit_code = 1
        end = self.environment.runner.quit if self.environment.parsed_options.headless else self.environment.runner.stop
        gevent.spawn(end)
        raise StopUser

    def _load(self) -> None:
        given = self.environment.parsed_options
        folder = Path(given.plan or given.folder or f"results/load-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        if given.plan:
            plan = LoadPlan.from_json((folder / "plan.json").read_text(encoding="utf-8"))
            owner = gevent.spawn(_end_with, os.getppid())
        else:
            plan = options.plan_of(address.origin(self.host), given)
            owner = None
        dispatcher = Dispatcher(plan)
        if owner is None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "plan.json").write_text(plan.as_json(), encoding="utf-8")
        stopped = True
        try:
            dispatcher.run(lambda *clocks: _tell(folder, *clocks), folder)
            stopped = False
        finally:
            about = {"started": dispatcher.started_at, "stopped": stopped, "scheduling": dispatcher.scheduling}
            dispatcher.recorder.write(folder, **about)
            console.info("\n%s\n\nStored: %s\n", table.text(read_load(folder)), folder)


def _tell(folder: Path, started: float, monotonic: float) -> None:
    """When the load begins, for the caller."""
    new = folder / "began.new"
    new.write_text(json.dumps({"started": started, "monotonic": monotonic}), encoding="utf-8")
    new.replace(folder / "began.json")


def _end_with(owner: int) -> None:
    """No generator goes on without the lab that started it."""
    while os.getppid() == owner:
        gevent.sleep(OWNER_SECONDS)
    os._exit(1)
