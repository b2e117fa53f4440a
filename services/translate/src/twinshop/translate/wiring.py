"""How the service is put together, for the component and for the command."""

from twinshop.translate import apertium, memory
from twinshop.translate.service import TranslateService
from twinshop.translate.settings import TranslateSettings


def assemble(settings: TranslateSettings) -> TranslateService:
    """Reads the memory and the list of modes; no process starts before its first text. Close it after use."""
    engine = apertium.ApertiumEngine(apertium.discover(settings.apertium_modes), seconds=settings.engine_seconds)
    return TranslateService(memory.load(settings.memory), [engine], cache_size=settings.cache_size)
