"""
The start of the shop by the engine of its translator, from none at all to a model of the real size.

The lecture's claim is that a monolith starts slowly because of its heaviest component; here one component gets heavier.
"""

import asyncio
import importlib.util
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twinshop.lab.bench.shop import Rows, cpu_seconds, created, memory
from twinshop.lab.bench.startup import first
from twinshop.lab.environments.protocol import Environment
from twinshop.lab.shapes import Shape
from twinshop.translate.neural import demo

ENGINES = ("none", "rules", "neural")


def available() -> Sequence[str]:
    """The engines that can be measured here."""
    return ENGINES if importlib.util.find_spec("ctranslate2") else ENGINES[:-1]


@contextmanager
def models() -> Iterator[Path]:
    """The folder of TRANSLATE_MODELS, or one with a toy of the real size: a start does not depend on what is known."""
    if given := os.environ.get("TRANSLATE_MODELS"):
        yield Path(given).absolute()
        return
    with tempfile.TemporaryDirectory() as folder:
        demo.make(Path(folder), next(iter(demo.VERSIONS)), demo.SIZES["base"])
        yield Path(folder)


def measure(shapes: list[Shape], repeats: int) -> Iterator[Rows]:
    """A warm start of each shape with each engine, in turn; yields each block."""
    with models() as folder:
        for repeat in range(repeats):
            rows: list[dict[str, Any]] = []
            for engine in available():
                variables = {"TRANSLATE_ENGINE": engine, "TRANSLATE_MODELS": str(folder)}
                for shape in shapes if repeat % 2 == 0 else reversed(shapes):
                    with created(shape, variables=variables) as environment:
                        environment.start()
                        environment.wait_ready()
                        environment.stop()
                        rows.append(
                            {
                                "engine": engine,
                                "shape": shape.name,
                                "repeat": repeat,
                                **asyncio.run(_start(environment)),
                            }
                        )
                        environment.stop()
            yield {"engines": rows}


async def _start(environment: Environment) -> dict[str, float]:
    """Seconds to the first page, to the first order, and until all processes are ready; CPU seconds and bytes then."""
    since = environment.start()
    seconds, ready = await asyncio.gather(first(environment.url, since), asyncio.to_thread(environment.wait_ready))
    return {
        **seconds,
        "ready": ready - since,
        "cpu_seconds": cpu_seconds(environment),
        "idle_bytes": sum(memory(environment).values()),
    }
