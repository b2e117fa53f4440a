"""Runs the loads of several folders at once in one process, without Locust's runner: `many_loads.py FOLDER...`."""

import sys
from pathlib import Path

import gevent
import locust  # noqa: F401 - patches sockets, as it does in the generator

from twinshop.lab.load.open.dispatcher import Dispatcher
from twinshop.lab.load.plan import LoadPlan


def run(folder):
    dispatcher = Dispatcher(LoadPlan.from_json((folder / "plan.json").read_text()))
    dispatcher.run(lambda *_: None, folder)
    dispatcher.recorder.write(folder, started=dispatcher.started_at, stopped=False)


gevent.joinall([gevent.spawn(run, Path(folder)) for folder in sys.argv[1:]], raise_error=True)
