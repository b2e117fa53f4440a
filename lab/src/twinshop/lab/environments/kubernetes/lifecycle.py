"""The cluster runtime of `twinshop up`: a shape in the namespace `twinshop-<shape>`, until it is taken down."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from twinshop.lab.environments import lifecycle
from twinshop.lab.environments.kubernetes.access import Access
from twinshop.lab.environments.kubernetes.environment import KubernetesEnvironment
from twinshop.lab.environments.kubernetes.kubectl import Kubectl
from twinshop.lab.environments.kubernetes.manifests import DOOR
from twinshop.lab.environments.kubernetes.overlays import PORT
from twinshop.lab.environments.kubernetes.pods import Pod
from twinshop.lab.environments.kubernetes.stores import PART
from twinshop.lab.environments.lifecycle import Deployment, State, Status
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.environments.shield import shielded
from twinshop.lab.errors import ProvisionError, Unsupported, UsageError
from twinshop.lab.shapes import Shape
from twinshop.lab.words import counted


class ClusterDeployment(Deployment):
    """A shop to look at, with stores of its own in claims: one that lasts is set up by docs/kubernetes.md."""

    runtime = "cluster"

    def __init__(self, shape: Shape, root: Path, say: Callable[[str], None] = print) -> None:
        super().__init__(shape, root, say)
        self._access = Access.of(os.environ)
        self._access.require_kubeconfig()
        self._namespace = f"twinshop-{shape.name}"
        self._kubectl = Kubectl(self._access, self._namespace)
        self._environment = KubernetesEnvironment(
            shape, root, self._folder, EnvironmentOptions(), self._access, self._namespace
        )

    @property
    def title(self) -> str:
        return f"{self.shape.name} on the cluster, in the namespace {self._namespace}"

    @property
    def url(self) -> str:
        """Of the nodes, or that of a port which the user forwards: nothing of ours stays to do it."""
        if self._is_there() and self._environment.node_port() is not None:
            return self._environment.node_url()
        command = f"kubectl --namespace {self._namespace} port-forward service/{DOOR} {self.shape.port}:{PORT}"
        return f"{self.shape.url} as long as this runs: {command}"

    def up(self, seconds: float) -> bool:
        self._kubectl.require_cluster()
        if self._is_there():
            if lifecycle.ready(self.ps()):
                return False
            raise ProvisionError(
                f"{self.title} exists but is not ready: look at it with `twinshop ps`, or remove it with `twinshop "
                "down`."
            )
        self._make_folder()
        try:
            self._environment.create()
            self._say("Starting the pods …")
            self._environment.start()
            self._environment.wait_pods(seconds)
        except BaseException:  # an impatient Ctrl-C as well: nothing half-started stays behind
            with shielded():
                self._environment.remove()
            raise
        return True

    def wait(self, seconds: float) -> None:
        self._environment.wait_pods(seconds)

    def ps(self) -> list[Status]:
        there = self._environment.pods() if self._is_there() else {}
        return [_status(part, there.get(part, [])) for part in self._environment.parts()]

    def logs(self, names: Sequence[str] = (), *, lines: int = 50, follow: bool = False) -> None:
        parts = [self._part(name) for name in names] or self._environment.parts()
        chosen = f"{PART} in ({','.join(self._environment.label(part) for part in parts)})"
        more = ("--follow", "--max-log-requests", "50") if follow else ()
        arguments = ("logs", "--selector", chosen, "--prefix", "--tail", str(lines), *more)
        if not follow:
            sys.stdout.write(self._kubectl.run(*arguments))
            return
        process = self._kubectl.popen(*arguments)
        try:
            process.wait()
        finally:
            process.kill()
            process.wait()

    def down(self, *, delete: bool = False) -> bool:
        """The data goes with the namespace, `delete` or not."""
        del delete
        was_there = self._is_there()
        if was_there:
            self._kubectl.delete_namespace()
        return was_there

    def import_products(self, file: Path) -> bool:
        del file
        raise Unsupported(f"Products are not imported into {self.title}: mount the file, and name it in CATALOG_DATA.")

    def _is_there(self) -> bool:
        return self._kubectl.one("namespace", self._namespace) is not None

    def _part(self, name: str) -> str:
        """A part by its own name, or by a component that it hosts."""
        if name in self._environment.parts():
            return name
        with suppress(StopIteration):
            return self._environment.hosts(name)
        raise UsageError(f"There is no `{name}`; there are {', '.join(self._environment.parts())}.")


def _status(part: str, pods: Sequence[Pod]) -> Status:
    if not pods:
        return Status(part, "stopped")
    hopeless = next((why for pod in pods if (why := pod.hopeless)), None)
    found: State = "crashed" if hopeless else "ready" if all(pod.ready for pod in pods) else "starting"
    detail = hopeless or ", ".join(sorted({pod.phase for pod in pods if not pod.ready}))
    return Status(part, found, counted(len(pods), "pod"), detail)
