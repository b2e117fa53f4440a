"""The command line of a process of the shop: it serves, or only brings its databases up to date."""

import sys
from importlib import import_module

from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings


def main(package: str, name: str, *, migrates: bool = False, others: str = "") -> None:
    """
    Do what the arguments say.

    Args:
        package: has the modules of the program; `create_app` and `upgrade` of its module `app` are imported only when
            they are run.
        name: of the process, in logs and traces.
        migrates: whether it has `upgrade`, which brings its databases to this version's schema.
        others: further commands, which the caller has looked at already, as they are written in the usage.
    """
    match sys.argv[1:]:
        case []:
            serve(f"{package}.app:create_app", name, ServerSettings())
        case ["migrate"] if migrates:
            from twinshop.kit.migrations import run  # noqa: PLC0415 - a server imports it with its app

            run(import_module(f"{package}.app").upgrade)
        case _:
            commands = " | ".join(filter(None, ("migrate" if migrates else "", others)))
            sys.exit(f"usage: python -m {package}" + (f" [{commands}]" if commands else ""))
