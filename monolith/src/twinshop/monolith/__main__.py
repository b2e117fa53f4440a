"""
Run all components in one process, or those in TWINSHOP_COMPONENTS: `python -m twinshop.monolith`.

`… migrate` only brings their databases up to date.
"""

import sys

from twinshop.contracts.components import NAMES
from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings
from twinshop.monolith.settings import GroupSettings


def main() -> None:
    hosted = [name for name in NAMES if name in GroupSettings().components]
    match sys.argv[1:]:
        case ["migrate"]:
            from twinshop.kit.migrations import run  # noqa: PLC0415 - a server imports it with its app
            from twinshop.monolith.wiring import UPGRADE  # noqa: PLC0415

            run(*(UPGRADE[name] for name in hosted if name in UPGRADE))
        case []:
            name = "monolith" if len(hosted) == len(NAMES) else "+".join(hosted)
            serve("twinshop.monolith.app:create_app", name, ServerSettings())
        case _:
            sys.exit("usage: python -m twinshop.monolith [migrate]")


if __name__ == "__main__":
    main()
