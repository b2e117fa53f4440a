"""Which cluster is meant, and how a shop there is reached from here."""

import argparse
import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal, cast, get_args

from twinshop.lab.errors import UsageError

Expose = Literal["forward", "node-port"]

KUBECONFIG = "KUBECONFIG"
CONTEXT, REGISTRY, TAG, EXPOSE = "LAB_CONTEXT", "LAB_REGISTRY", "LAB_TAG", "LAB_EXPOSE"
"""Beside kubectl's own variable; as `DOCKER_HOST` says which engine, they say which cluster, to child processes too."""
DEFAULT_TAG = version("twinshop-lab")


@dataclass(frozen=True, slots=True)
class Access:
    """
    A cluster.

    Attributes:
        kubeconfig: a file, or several with a colon between; None: `~/.kube/config`.
        context: one of the kubeconfig's; None: its current one.
        registry: what the names of the images begin with: `registry.example.com/`.
        tag: of the images.
        expose: `forward` has a port of this machine carried to one pod by `kubectl port-forward`; `node-port` opens a
            port of the nodes, past kubectl, to all replicas.
    """

    kubeconfig: str | None = None
    context: str | None = None
    registry: str = ""
    tag: str = DEFAULT_TAG
    expose: Expose = "forward"

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Access":
        """The one that the environment names. Raises LabError: it names none that could be."""
        expose = environment.get(EXPOSE) or "forward"
        if expose not in get_args(Expose):
            raise UsageError(f"{EXPOSE} must be one of {', '.join(get_args(Expose))}, not `{expose}`.")
        return cls(
            environment.get(KUBECONFIG) or None,
            environment.get(CONTEXT) or None,
            environment.get(REGISTRY, ""),
            environment.get(TAG) or DEFAULT_TAG,
            cast("Expose", expose),
        )

    def require_kubeconfig(self) -> None:
        """Raises LabError if there is none: kubectl would look for a cluster on this machine."""
        files = (self.kubeconfig or str(Path.home() / ".kube" / "config")).split(os.pathsep)
        if not any(Path(file).is_file() for file in files if file):
            raise UsageError(f"There is no kubeconfig at {files[0]}: --kubeconfig or {KUBECONFIG} names yours.")

    def image(self, image: str) -> str:
        """Return the name of an image such as `twinshop/cart` in this registry, with this tag."""
        return f"{self.registry}{image.partition(':')[0]}:{self.tag}"


def add_options(command: argparse.ArgumentParser) -> None:
    """The options of every command that may mean a cluster."""
    group = command.add_argument_group("a Kubernetes cluster (--runtime cluster)")
    group.add_argument("--kubeconfig", metavar="FILE", help=f"default: {KUBECONFIG}, or ~/.kube/config")
    group.add_argument("--context", metavar="NAME", help="context of the kubeconfig; default: its current one")
    group.add_argument(
        "--registry", metavar="PREFIX/", help="registry in front of the images' names, as in `make images`"
    )
    group.add_argument("--tag", help=f"tag of the images; default: {DEFAULT_TAG}")
    group.add_argument(
        "--expose", choices=get_args(Expose), help="access by a forwarded port (default) or a port of the nodes"
    )


def remember(arguments: argparse.Namespace, environment: MutableMapping[str, str] = os.environ) -> None:
    """Put the options into the environment, where `Access.of` and child processes find them."""
    for name, variable in (
        ("kubeconfig", KUBECONFIG),
        ("context", CONTEXT),
        ("registry", REGISTRY),
        ("tag", TAG),
        ("expose", EXPOSE),
    ):
        if (value := getattr(arguments, name, None)) is not None:
            environment[variable] = value
