"""
Machine translation by Apertium's command line tools.

`modes` (which pairs are installed, and by which programs), `languages` (codes), `stream` (texts in the form that the
programs read), `pipeline` (the programs, kept running), `engine` (texts through one or two pipelines).
"""

from twinshop.translate.apertium.engine import ApertiumEngine
from twinshop.translate.apertium.modes import discover

__all__ = ["ApertiumEngine", "discover"]
