"""How the pods of an environment are."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twinshop.lab.environments.kubernetes.kubectl import Kubectl
from twinshop.lab.environments.kubernetes.stores import PART

LIST_SECONDS = 0.3
"""How long a list is used: each costs a command."""
MOST_RESTARTS = 3
HOPELESS = {
    "InvalidImageName": "has an image with an impossible name",
    "ErrImageNeverPull": "has an image that is not on its node",
    "ImagePullBackOff": "has an image that cannot be pulled",
    "CreateContainerConfigError": "cannot be made",
    "CreateContainerError": "cannot be made",
}
"""What a container waits for in vain, in words that follow the part's name."""


@dataclass(frozen=True, slots=True)
class Pod:
    """
    A pod with its one container.

    Attributes:
        part: the value of its label app.kubernetes.io/component.
        ready: by its readiness probe.
        running: its container runs.
        leaving: it is being deleted.
        restarts: how often its container was started again.
        phase: in words: `Pending: no node has room`.
        waits_for: why its container does not run, in one word of Kubernetes' own; empty if it does.
        told: what Kubernetes says to that; may be empty.
    """

    name: str
    uid: str
    part: str
    image: str
    ready: bool
    running: bool
    leaving: bool
    restarts: int
    phase: str
    waits_for: str
    told: str

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Pod":
        metadata, status = data["metadata"], data.get("status") or {}
        container: dict[str, Any] = next(iter(status.get("containerStatuses") or ()), {})
        conditions = {each["type"]: each for each in status.get("conditions") or ()}
        waiting = container.get("state", {}).get("waiting") or {}
        unscheduled = conditions.get("PodScheduled", {})
        why = waiting.get("reason") or (unscheduled.get("message") if unscheduled.get("status") == "False" else None)
        phase = status.get("phase", "Unknown")
        return cls(
            name=metadata["name"],
            uid=metadata["uid"],
            part=metadata.get("labels", {}).get(PART, ""),
            image=data["spec"]["containers"][0]["image"],
            ready=conditions.get("Ready", {}).get("status") == "True",
            running="running" in container.get("state", {}),
            leaving="deletionTimestamp" in metadata,
            restarts=container.get("restartCount", 0),
            phase=f"{phase}: {why}" if why else phase,
            waits_for=waiting.get("reason", ""),
            told=waiting.get("message", ""),
        )

    @property
    def hopeless(self) -> str | None:
        """Why it will not become ready, in words that follow its part's name; None if it may."""
        if self.waits_for in HOPELESS:
            return f"{HOPELESS[self.waits_for]} ({self.image}{self.told and f': {self.told}'})"
        if not self.ready and self.restarts > MOST_RESTARTS:
            return f"ended {self.restarts} times"
        return None


class Pods:
    """Those of a namespace, by the label of their part; a list is used for a moment."""

    def __init__(self, kubectl: Kubectl) -> None:
        self._kubectl = kubectl
        self._listed: list[Pod] = []
        self._listed_at = float("-inf")

    def all(self, *, new: bool = False) -> list[Pod]:
        now = time.monotonic()
        if new or now - self._listed_at > LIST_SECONDS:
            self._listed = [Pod.from_json(each) for each in self._kubectl.items("pods")]
            self._listed_at = time.monotonic()
        return self._listed

    def of(self, part: str, *, new: bool = False) -> list[Pod]:
        return [pod for pod in self.all(new=new) if pod.part == part]

    def running(self, part: str) -> list[Pod]:
        """Those that are there to be asked."""
        return [pod for pod in self.of(part, new=True) if pod.running and not pod.leaving]
