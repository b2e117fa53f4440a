"""Run an app factory under uvicorn: the one way in which every process of the shop starts."""

import gc
import os
import signal
import sys
import tempfile

import uvicorn

from twinshop.kit import faults, logs, tracing
from twinshop.kit.settings import ServerSettings


def serve(factory: str, name: str, server: ServerSettings) -> None:
    """
    Serve until SIGTERM or SIGINT, then finish the requests under way and return.

    `factory` is the import path of a function without parameters that makes the app: `package.module:function`.
    uvicorn's own access log stays off: it costs about a third of the throughput, and the edge writes a structured one.
    """
    # uvicorn raises SIGTERM again once it has stopped well; without a handler the process would then end as if killed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    gc.disable()  # a tenth of the start; nothing that imports and builds apps is garbage. `app` switches it on again.
    if server.workers > 1 and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="twinshop-metrics-")
    if server.workers > 1:
        faults.share_between_workers()
    tracing.name_process(name)
    uvicorn.run(
        factory,
        factory=True,
        host=server.host,
        port=server.port,
        workers=server.workers,
        loop="uvloop",
        http="twinshop.kit.wire:Protocol",
        ws="none",
        access_log=False,
        log_config=logs.configuration(server.log_level, process=name, shape=server.shape),
        server_header=False,
        proxy_headers=False,  # nothing here asks who the client is
        timeout_graceful_shutdown=server.stop_seconds,
        timeout_keep_alive=75,  # longer than the clients keep an idle connection, so that they close it, not we
    )
