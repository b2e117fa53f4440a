"""Skip imports that slow down a start without benefit."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def absent(*names: str) -> Iterator[None]:
    """
    Let optional modules look as if they were not installed, unless they are imported already.

    For libraries that try to import something optional, do without it where it is missing, and would only spend time on
    it here. Afterwards the modules can be imported as ever.
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type] # None: how Python notes that there is no such
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
