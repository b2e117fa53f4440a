"""
The `kubectl` command.

It and no client library, because it has to be there anyway to render kustomizations and to forward ports, and knows
every way to log in to a cluster.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from twinshop.lab.environments import external
from twinshop.lab.environments.kubernetes.access import Access
from twinshop.lab.errors import ProvisionError

Resource = dict[str, Any]

ANSWER_SECONDS = 30
SLACK_SECONDS = 10.0
OLDEST = (1, 30)
"""As docs/kubernetes.md promises."""
MEANINGS = (
    (r"forbidden", "The cluster forbids it"),
    (r"unauthorized|must be logged in|provide credentials", "The cluster does not accept the kubeconfig's credentials"),
    (r"context .* does not exist|no context exists|context was not found", "The kubeconfig has no such context"),
    (r"error loading config|invalid configuration|error parsing|yaml:", "The kubeconfig is not valid"),
    (
        r"unable to connect|was refused|i/o timeout|Client\.Timeout|no such host|deadline exceeded|connection reset",
        "The cluster does not answer",
    ),
)
"""What kubectl says, and what that means to a person; the first that fits."""


class Kubectl:
    """Speaks about one namespace of one cluster."""

    def __init__(self, access: Access, namespace: str) -> None:
        self.namespace = namespace
        self._program = find()
        self._where = (*(("--context", access.context) if access.context else ()), "--namespace", namespace)
        self._environment = {**os.environ, **({"KUBECONFIG": access.kubeconfig} if access.kubeconfig else {})}

    def popen(self, *arguments: str, output: IO[bytes] | None = None) -> "subprocess.Popen[bytes]":
        """A command that goes on, and what it says into a file or to the terminal; a Ctrl-C is not for it."""
        return subprocess.Popen(  # noqa: S603 - our own command
            [self._program, *self._where, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def run(self, *arguments: str, text: str | None = None, seconds: int = ANSWER_SECONDS) -> str:
        """What a command prints. Raises LabError, with what kubectl says and what that means."""
        command = [self._program, *self._where, f"--request-timeout={seconds}s", *arguments]
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if text is None else {"input": text}
        try:
            done = subprocess.run(  # noqa: S603 - our own command
                command,
                env=self._environment,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=seconds + SLACK_SECONDS,
                start_new_session=True,
                **given,
            )
        except subprocess.TimeoutExpired:
            raise ProvisionError(f"The cluster does not answer: `kubectl {arguments[0]}` took too long.") from None
        if done.returncode:
            raise ProvisionError(explained(arguments[0], done.stderr or done.stdout))
        printed: str = done.stdout
        return printed

    def items(self, kind: str, *options: str) -> list[Resource]:
        """All of a kind in the namespace, or those that the options choose."""
        found: list[Resource] = json.loads(self.run("get", kind, "--output", "json", *options))["items"]
        return found

    def one(self, kind: str, name: str) -> Resource | None:
        """A resource; None if there is none of that name."""
        text = self.run("get", kind, name, "--ignore-not-found", "--output", "json")
        found: Resource | None = json.loads(text) if text.strip() else None
        return found

    def create(self, *resources: Resource) -> None:
        """In this order; what can be made is made, also after a failure.

        Without kubectl's own validation: tests/kubernetes checks the rendered manifests against the schemas.
        """
        listed = {"apiVersion": "v1", "kind": "List", "items": list(resources)}
        self.run("create", "--validate=false", "--filename", "-", text=json.dumps(listed), seconds=120)

    def patch(self, kind: str, name: str, change: Mapping[str, Any]) -> None:
        """A strategic one: a list of containers is merged by their names."""
        self.run("patch", kind, name, "--type", "strategic", "--patch", json.dumps(change))

    def render(self, folder: Path) -> str:
        """What a kustomization says, as YAML; asks no cluster."""
        return self.run("kustomize", str(folder))

    def require_cluster(self) -> None:
        """Raises LabError if it does not answer, or is too old."""
        version = json.loads(self.run("get", "--raw", "/version", seconds=10))
        found = tuple(int(re.sub(r"\D", "", version[part]) or 0) for part in ("major", "minor"))
        if found < OLDEST:
            raise ProvisionError(
                f"The cluster is Kubernetes {found[0]}.{found[1]}; the shop needs {OLDEST[0]}.{OLDEST[1]} or newer."
            )

    def delete_namespace(self, seconds: int = 180) -> None:
        """And all that is in it; waits until it is gone. Raises LabError."""
        self.run("delete", "namespace", self.namespace, "--ignore-not-found", f"--timeout={seconds}s", seconds=seconds)


def require_cluster(environment: Mapping[str, str]) -> None:
    """Raises LabError: the environment names no cluster, or it cannot be used."""
    access = Access.of(environment)
    access.require_kubeconfig()
    Kubectl(access, "default").require_cluster()


def find() -> str:
    """The command: that of the PATH, or the one that the environment of development has. Raises LabError."""
    beside = Path(sys.executable).with_name("kubectl")
    found = shutil.which("kubectl") or (str(beside) if beside.is_file() else None)
    if found is None:
        raise ProvisionError("`kubectl` is not on the PATH. The lab needs it to reach a cluster.")
    return found


def explained(verb: str, said: str) -> str:
    """What a failure of kubectl means to a person, and its own words."""
    meaning = next((words for pattern, words in MEANINGS if re.search(pattern, said, re.IGNORECASE)), None)
    return f"{meaning or f'`kubectl {verb}` fails'}:\n{external.tail(said)}"
