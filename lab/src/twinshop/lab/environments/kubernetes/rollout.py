"""Numbers of replicas, and waiting until the pods of a part are as they should be."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from twinshop.lab.environments import external
from twinshop.lab.environments.kubernetes.events import warnings
from twinshop.lab.environments.kubernetes.kubectl import Kubectl
from twinshop.lab.environments.kubernetes.pods import HOPELESS, Pod, Pods
from twinshop.lab.errors import LabError, ProvisionError

POLL_SECONDS = 0.3
STOP_SECONDS = 120.0
"""A pod has 30 s to leave (`terminationGracePeriodSeconds`), and the cluster needs its own time: a minute was seen."""


class Rollout:
    """Of the Deployments of a namespace, which it knows by the labels of their parts."""

    def __init__(self, kubectl: Kubectl, pods: Pods) -> None:
        self._kubectl = kubectl
        self._pods = pods

    def scale(self, replicas: int, *deployments: str) -> None:
        self._kubectl.run("scale", "deployment", *deployments, "--replicas", str(replicas))

    def change(self, deployment: str, container: str, change: dict[str, Any], migrations: Sequence[str] = ()) -> None:
        """
        Another template: Kubernetes replaces the pods one by one, a new one before an old one.

        What changes in the container changes in the `migrations` that come before it, too.
        """
        spec = {"containers": [{"name": container, **change}]}
        if migrations:
            spec["initContainers"] = [{"name": each, **change} for each in migrations]
        self._kubectl.patch("deployment", deployment, {"spec": {"template": {"spec": spec}}})

    def wait_gone(self, label: str, seconds: float = STOP_SECONDS) -> None:
        """Until a part has no pod."""
        self._wait(label, lambda pods: not pods, seconds, "has not stopped")

    def wait_done(self, deployment: str, label: str, seconds: float, *, before: Collection[str]) -> None:
        """
        Until all that was asked of a Deployment is done: as many pods as it wants, of its present template, ready.

        A way back may end with a pod that was there all the time: it was never taken away, as the new one did not run.

        Args:
            deployment: its name.
            label: of its pods.
            seconds: how long to wait.
            before: uids of the pods that were there before the change; whether they run is not asked.

        Raises:
            LabError: it is not done in time, or a new pod will never be ready.
        """

        def done(pods: list[Pod]) -> bool:
            for pod in pods:
                if pod.uid not in before and (why := pod.hopeless):
                    raise ProvisionError(self.hopeless(label, pod, why))
            return all(pod.ready and not pod.leaving for pod in pods) and self._updated(deployment, len(pods))

        self._wait(label, done, seconds, "is not ready")

    def _updated(self, deployment: str, pods: int) -> bool:
        """Return whether its controller sees this number of pods of the present template, and wants no others."""
        found = self._kubectl.one("deployment", deployment) or {"metadata": {}, "spec": {}}
        status = found.get("status") or {}
        if status.get("observedGeneration", 0) < found["metadata"].get("generation", 1):
            return False
        return (found["spec"].get("replicas"), status.get("updatedReplicas", 0)) == (pods, pods)

    def hopeless(self, name: str, pod: Pod, why: str) -> str:
        """What to tell a person about a pod that will never be ready; one that has never run has no lines."""
        if pod.waits_for in HOPELESS:
            return f"{name} {why}."
        return f"{name} {why}. Its last lines:\n{external.tail(self.logs(pod))}"

    def logs(self, pod: Pod) -> str:
        """What its container has written; of one that never ran, why there is nothing."""
        try:
            return self._kubectl.run("logs", pod.name)
        except LabError as error:
            return f"{error}\n"

    def _wait(self, label: str, settled: Callable[[list[Pod]], bool], seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while not settled(pods := self._pods.of(label, new=True)):
            if time.monotonic() > end:
                seen = ", ".join(f"{pod.name}: {pod.phase}" for pod in pods) or "it has no pods"
                raise ProvisionError(f"{label} {what} after {seconds:.0f} s: {seen}.{warnings(self._kubectl)}")
            time.sleep(POLL_SECONDS)
