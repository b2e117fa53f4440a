"""How the service is put together, for the component and for the command."""

from twinshop.translate import apertium, memory
from twinshop.translate.engine import Engine
from twinshop.translate.service import TranslateService
from twinshop.translate.settings import TranslateSettings


def assemble(settings: TranslateSettings) -> TranslateService:
    """
    Reads the memory and what the engines have; no process starts, and no model is loaded. Close it after use.

    Raises ModelsError if the neural engine is chosen and cannot be had.
    """
    engines: list[Engine] = []
    if settings.engine == "neural":
        from twinshop.translate import neural  # noqa: PLC0415 - a start without it does not pay for it

        engines.append(neural.from_folder(settings.models, seconds=settings.engine_seconds))
    if settings.engine != "none":
        modes = apertium.discover(settings.apertium_modes)
        engines.append(apertium.ApertiumEngine(modes, seconds=settings.engine_seconds))
    return TranslateService(memory.load(settings.memory), engines, cache_size=settings.cache_size)
