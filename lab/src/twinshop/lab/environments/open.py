"""A site of any runtime, for the length of a block."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinshop.lab.environments.docker import docker
from twinshop.lab.environments.local.environment import LocalSite
from twinshop.lab.environments.protocol import Runtime, Site, SiteOptions
from twinshop.lab.environments.shield import ended_in_order_by_sigterm, shielded
from twinshop.lab.environments.watchdog import Guard
from twinshop.lab.errors import ProvisionError
from twinshop.lab.shapes import Shape


@contextmanager
def open_site(shape: Shape, runtime: Runtime, root: Path, folder: Path, options: SiteOptions) -> Iterator[Site]:
    """
    Open a site that is removed at the end of the block, whatever happens.

    Args:
        shape: names it; its ports are ignored, a site takes free ones.
        runtime: what carries it.
        root: the repository.
        folder: for its data and logs; the logs stay when it is removed.
        options: how it is set up.
    """
    with guarded(shape, runtime, root, folder, options) as (site, _):
        yield site


@contextmanager
def guarded(
    shape: Shape, runtime: Runtime, root: Path, folder: Path, options: SiteOptions, *, stays: float | None = None
) -> Iterator[tuple[Site, Guard]]:
    """The same with the site's guard; `stays` is said there."""
    site: Site
    project = namespace = None
    if runtime == "local":
        site = LocalSite(shape, folder, options)
    elif runtime == "cluster":
        from twinshop.lab.environments.kubernetes.access import Access  # noqa: PLC0415 - as below
        from twinshop.lab.environments.kubernetes.environment import ClusterSite, new_namespace  # noqa: PLC0415

        namespace = new_namespace()
        site = ClusterSite(shape, root, folder, options, Access.of(os.environ), namespace)
    else:
        if why_not := docker.unusable():
            raise ProvisionError(f"Docker cannot be used: {why_not}.")
        from twinshop.lab.environments.docker.environment import ComposeSite  # noqa: PLC0415 - the engine's client takes a while to import

        site = ComposeSite(shape, root, folder, options)
        project = site.project
    with ended_in_order_by_sigterm(), Guard(site.folder, project, namespace, stays) as guard:
        try:
            yield site, guard
        finally:
            with shielded():
                site.remove()
                guard.dismiss()
