"""A site of either runtime, for the length of a block."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinshop.lab.deployment.shape import Shape
from twinshop.lab.deployment.site import Runtime, Site, SiteOptions
from twinshop.lab.site.local import LocalSite
from twinshop.lab.site.shield import shielded


@contextmanager
def opened(shape: Shape, runtime: Runtime, root: Path, folder: Path, options: SiteOptions) -> Iterator[Site]:
    """See `open_site`."""
    del root
    if runtime == "docker":
        raise NotImplementedError
    site = LocalSite(shape, folder, options)
    try:
        yield site
    finally:
        with shielded():
            site.remove()
