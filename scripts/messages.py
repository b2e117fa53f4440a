"""
Compile the message catalogues of the interface: each `.po` of the storefront becomes the `.mo` beside it.

Run it after a change of a `.po`: `uv run python scripts/messages.py`. The compiled files are in the repository, because
the images and the wheels are built without Babel; a test fails when one of them is not up to date.
"""

import io
from importlib.resources import files
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(str(files("twinshop.storefront"))) / "locale"


def compiled(source: Path) -> bytes:
    """Return what the `.mo` of a `.po` has to hold."""
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parts[-3], abort_invalid=True)
    result = io.BytesIO()
    write_mo(result, catalog)
    return result.getvalue()


if __name__ == "__main__":
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        po.with_suffix(".mo").write_bytes(compiled(po))
