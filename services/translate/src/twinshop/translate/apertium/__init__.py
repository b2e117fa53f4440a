"""
Machine translation by Apertium's command line tools.

`modes` (which pairs are installed, and by which programs), `languages` (codes), `stream` (texts in the form that the
programs read), `programs` (their processes), `pipeline` (the same, kept running and shared), `engine` (texts through
one or two pipelines).
"""

from twinshop.translate.apertium.engine import ApertiumEngine
from twinshop.translate.apertium.modes import discover

__all__ = ["ApertiumEngine", "discover"]
