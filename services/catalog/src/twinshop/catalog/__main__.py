"""
Run the catalogue alone: `python -m twinshop.catalog`.

`… import FILE` replaces its products instead, and `… migrate` only brings its database up to date.
"""

import asyncio
import gc
import sys
from pathlib import Path

from twinshop.kit import program


def main() -> None:
    match sys.argv[1:]:
        case ["import", file]:
            sys.exit(_import(file))
        case _:
            others = "import FILE (CSV or JSON; - for standard input)"
            program.main("twinshop.catalog", "catalog", migrates=True, others=others)


def _import(file: str) -> int:
    """Replace the catalogue by the products of a file; its problems go to standard error."""
    from twinshop.catalog.app import replace_products  # noqa: PLC0415 - a server needs none of it
    from twinshop.catalog.importing import ImportFailed, read  # noqa: PLC0415

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - a command's own output

    gc.disable()  # a process of its own, all of whose many objects live to its end: looking at them took a ninth of it
    try:
        data = read(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
        asyncio.run(replace_products(data, say))
    except (ImportFailed, OSError) as error:
        say(f"{error}\nNothing was imported.")
        return 1
    say(f"Imported {len(data.products):,} products in {len(data.categories):,} categories.")
    return 0


if __name__ == "__main__":
    main()
