"""What can be asked of the parts of an environment on a cluster, and done to them."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from twinshop.lab.environments.kubernetes.forwards import Forward
from twinshop.lab.environments.kubernetes.kubectl import Kubectl
from twinshop.lab.environments.kubernetes.overlays import PREFIX, suffixes
from twinshop.lab.environments.kubernetes.pods import Pod, Pods
from twinshop.lab.environments.kubernetes.rollout import Rollout
from twinshop.lab.environments.kubernetes.stores import LABEL, PART
from twinshop.lab.environments.kubernetes.usage import usage_of
from twinshop.lab.environments.protocol import Patched, Store, Usage
from twinshop.lab.environments.stores import databases, store_of
from twinshop.lab.environments.usage import total
from twinshop.lab.environments.variables import REDIS
from twinshop.lab.errors import Unsupported, UsageError
from twinshop.lab.shapes import Shape

CONTAINER = "process"
CHANGE_SECONDS = 180.0
AT_ONCE = 4
"""Commands that ask pods what they have used."""
VOICES = ("role", "postgresql", "redis", LABEL)
"""The labels by which policies let a pod speak or be spoken to; without them the policy `closed` alone is left."""
CANNOT_PAUSE = "Kubernetes cannot pause a process: its API can only end it."
NO_DISK = "On a cluster no disk can be filled: only stores under Docker have a disk of their own."
NO_REMAINS = "On a cluster no fault outlives a lab that is killed: the watchdog removes the namespace."
NO_PATCH = "On a cluster nothing is built: images are deployed there."


class ClusterParts:
    """The parts of a shape in a namespace: its processes and their stores, each a Deployment."""

    def __init__(self, shape: Shape, kubectl: Kubectl, replicas: Mapping[str, int]) -> None:
        self.shape = shape
        self._kubectl = kubectl
        self._labels = {**suffixes(shape), **{name: name for name in (*databases(shape).values(), REDIS)}}
        self._replicas = {part: replicas.get(part, 1) for part in self._labels}
        self._pods = Pods(kubectl)
        self._rollout = Rollout(kubectl, self._pods)
        self._forwards: dict[str, Forward] = {}

    def parts(self) -> Sequence[str]:
        return tuple(self._labels)

    def hosts(self, component: str) -> str:
        return self.shape.host_of(component).name

    def stores(self, component: str, store: Store) -> str:
        return store_of(component, store, databases(self.shape))

    def kill(self, part: str) -> None:
        """No replicas are wanted any more, and those there are get no time."""
        self._rollout.scale(0, self._deployment(part))
        self.crash(part)
        self._rollout.wait_gone(self._labels[part])

    def crash(self, part: str) -> None:
        """The pods are deleted and get no time; Kubernetes makes others."""
        self._deployment(part)
        at_once = ("--grace-period=0", "--force", "--wait=false")
        self._kubectl.run("delete", "pods", "--selector", f"{PART}={self._labels[part]}", *at_once)

    def revive(self, part: str) -> None:
        self._rollout.scale(self._replicas[part], self._deployment(part))

    def pause(self, part: str) -> None:
        self._deployment(part)
        raise Unsupported(CANNOT_PAUSE)

    resume = pause

    def restart(self, part: str) -> None:
        self._rollout.scale(0, self._deployment(part))
        self._rollout.wait_gone(self._labels[part])
        self.revive(part)

    def cut(self, part: str) -> None:
        self._deployment(part)
        self._label(part, [f"{voice}-" for voice in VOICES])

    def mend(self, part: str) -> None:
        deployment = self._kubectl.one("deployment", self._deployment(part))
        labels = deployment["spec"]["template"]["metadata"]["labels"] if deployment else {}
        self._label(part, [f"{voice}={labels[voice]}" for voice in VOICES if voice in labels])

    def _label(self, part: str, changes: Sequence[str]) -> None:
        for pod in self._pods.running(self._labels[part]):
            self._kubectl.run("label", "pod", pod.name, "--overwrite", *changes)

    def scale(self, part: str, replicas: int) -> None:
        self._require_process(part, "scaled")
        self._replicas[part] = replicas
        self._rollout.scale(replicas, self._deployment(part))

    def limit(self, part: str, *, cpus: float | None = None, memory_bytes: int | None = None) -> None:
        """Its pods are replaced by others with these limits, and requests that are as large."""
        self._require_process(part, "limited")
        amounts: dict[str, Any] = {} if cpus is None else {"cpu": f"{round(cpus * 1000)}m"}
        if memory_bytes is not None:
            amounts["memory"] = str(memory_bytes)
        deployment, before = self._deployment(part), self._uids(part)
        self._rollout.change(deployment, CONTAINER, {"resources": {"limits": amounts, "requests": amounts}})
        self._rollout.wait_done(deployment, self._labels[part], CHANGE_SECONDS, before=before)

    def fill(self, part: str) -> None:
        del part
        raise Unsupported(NO_DISK)

    unfill = fill

    def remains(self) -> Mapping[str, Any]:
        raise Unsupported(NO_REMAINS)

    def patch(self, component: str, sources: Path, seconds: float = 60) -> Patched:
        del component, sources, seconds
        raise Unsupported(NO_PATCH)

    def deploy(self, images: Mapping[str, str], *, rolling: bool = False, seconds: float = 60) -> int:
        for part in images:
            self._require_process(part, "deployed")
        started = 0
        for part, image in images.items():
            label, deployment, before = self._labels[part], self._deployment(part), self._uids(part)
            if not rolling:
                self._rollout.scale(0, deployment)
                self._rollout.wait_gone(label)
            migrations = [each for each in databases(self.shape) if self.hosts(each) == part]
            self._rollout.change(deployment, CONTAINER, {"image": image}, [f"migrate-{each}" for each in migrations])
            if not rolling:
                self._rollout.scale(self._replicas[part], deployment)
            self._rollout.wait_done(deployment, label, seconds, before=before)
            started += len(self._uids(part) - before)
        return started

    def usage(self) -> dict[str, Usage]:
        pods = self.pods()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = dict(zip(pods, pool.map(partial(usage_of, self._kubectl), pods.values()), strict=True))
        return {part: usage for part, usage in found.items() if usage is not None}

    def total(self) -> Usage:
        return total(list(self.usage().values()), "cgroup")

    def control_urls(self, part: str) -> Sequence[str]:
        """Forwarded ports, which network policies do not close."""
        self._deployment(part)
        if part not in suffixes(self.shape):
            return ()
        running = self._pods.running(self._labels[part])
        for pod in running:
            forward = self._forwards.get(pod.uid)
            if forward is None or not forward.alive:
                self._forwards[pod.uid] = Forward(self._kubectl, f"pod/{pod.name}")
        return tuple(self._forwards[pod.uid].url for pod in running)

    def logs(self, part: str) -> str:
        self._deployment(part)
        return "".join(self._rollout.logs(pod) for pod in self._pods.of(self._labels[part], new=True))

    def label(self, part: str) -> str:
        """The value of its pods' label app.kubernetes.io/component."""
        self._deployment(part)
        return self._labels[part]

    def pods(self) -> dict[str, list[Pod]]:
        """Those of each part that are not about to leave."""
        listed = self._pods.all(new=True)
        return {
            part: [pod for pod in listed if pod.part == label and not pod.leaving]
            for part, label in self._labels.items()
        }

    def _uids(self, part: str) -> set[str]:
        return {pod.uid for pod in self._pods.of(self._labels[part], new=True)}

    def _require_process(self, part: str, what: str) -> None:
        if part not in suffixes(self.shape):
            raise Unsupported(f"{part} cannot be {what}: only processes of the shop can, not stores.")

    def _deployment(self, part: str) -> str:
        """Raises LabError: there is no such part."""
        if part not in self._labels:
            raise UsageError(f"There is no `{part}`; there are {', '.join(self.parts())}.")
        return f"{PREFIX}{self._labels[part]}" if part in suffixes(self.shape) else part
