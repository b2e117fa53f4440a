"""
The command `translate`.

`command` (arguments, exit codes), `lines` (a whole text in portions), `places` (files, standard input and output,
bucket URLs), `remote` (a running translate service instead of one in this process).
"""

from twinshop.translate.cli.command import main

__all__ = ["main"]
