"""When a process reached which point of its start, as its metrics tell."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

PROGRAM = """
from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings
import time
time.sleep(0.2)  # heavy imports
serve("{module}:factory", "probe", ServerSettings(port={port}))
"""
MODULE = """
import asyncio
from contextlib import asynccontextmanager
from fastapi import APIRouter
from twinshop.kit.app import create_app
from twinshop.kit.component import Component
from twinshop.kit.settings import ServerSettings

@asynccontextmanager
async def running():
    await asyncio.sleep(0.2)  # a schema
    yield

async def ready(): ...

def factory():
    return create_app([Component("probe", None, APIRouter, running, ready)], ServerSettings(), title="Probe")
"""


@pytest.mark.integration
def test_the_metrics_tell_when_the_start_reached_which_point(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "probed.py").write_text(MODULE)
    started = time.time()
    program = PROGRAM.format(module="probed", port=port)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.DEVNULL)
    try:
        text = asked(f"http://127.0.0.1:{port}/metrics")
    finally:
        process.terminate()
        process.wait(20)
    points = {point: float(at) for point, at in re.findall(r'moment_seconds\{point="(\w+)"\} (\S+)', text)}

    assert started - 0.02 <= points["created"] <= points["began"]  # clock ticks of 10 ms
    assert points["imported"] - points["began"] >= 0.2
    assert points["initialised"] - points["imported"] >= 0.2
    assert points["initialised"] <= time.time()


def asked(url):
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
