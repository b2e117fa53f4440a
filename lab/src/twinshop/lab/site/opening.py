"""A site of any runtime, for the length of a block."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinshop.lab.deployment import docker
from twinshop.lab.deployment.api import DeploymentError
from twinshop.lab.deployment.shape import Shape
from twinshop.lab.deployment.site import Runtime, Site, SiteOptions
from twinshop.lab.site.guard import Guard
from twinshop.lab.site.local import LocalSite
from twinshop.lab.site.shield import ended_in_order_by_sigterm, shielded


@contextmanager
def opened(shape: Shape, runtime: Runtime, root: Path, folder: Path, options: SiteOptions) -> Iterator[Site]:
    """See `open_site`."""
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
        from twinshop.lab.site.cluster.access import Access  # noqa: PLC0415 - as below
        from twinshop.lab.site.cluster.site import ClusterSite, new_namespace  # noqa: PLC0415

        namespace = new_namespace()
        site = ClusterSite(shape, root, folder, options, Access.of(os.environ), namespace)
    else:
        if why_not := docker.unusable():
            raise DeploymentError(f"Docker cannot be used: {why_not}.")
        from twinshop.lab.site.compose import ComposeSite  # noqa: PLC0415 - the engine's client takes a while to import

        site = ComposeSite(shape, root, folder, options)
        project = site.project
    with ended_in_order_by_sigterm(), Guard(site.folder, project, namespace, stays) as guard:
        try:
            yield site, guard
        finally:
            with shielded():
                site.remove()
                guard.dismiss()
