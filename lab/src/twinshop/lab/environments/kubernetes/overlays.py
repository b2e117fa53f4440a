"""The kustomization of a shape: an overlay of deploy/kubernetes for the two shapes, a generated one for a grouping."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twinshop.contracts.components import CALLED
from twinshop.lab.shapes import COMPONENTS, Process, Shape

PORT = 8000
PREFIX = "twinshop-"


def suffixes(shape: Shape) -> dict[str, str]:
    """What the name of each process's Deployment ends with, which is its label app.kubernetes.io/component too."""
    if len(shape.processes) == 1:
        return {shape.processes[0].name: "monolith"}
    return {process.name: process.name for process in shape.processes}


def overlay(shape: Shape, root: Path, folder: Path) -> Path:
    """The folder of the shape's kustomization; a generated one is written into `folder`, in JSON, which is YAML too."""
    manifests = root.resolve() / "deploy" / "kubernetes"
    if len(shape.processes) == 1:
        return manifests / "overlays" / "mono"
    if len(shape.processes) == len(COMPONENTS):
        return manifests / "overlays" / "micro"
    folder = folder.resolve()
    for process in shape.processes:
        own = folder / process.name
        up = os.path.relpath(manifests, own)  # a kustomization knows no absolute paths
        _write(own, _process(shape, process, up))
    top = os.path.relpath(manifests, folder)
    pairs = {"app.kubernetes.io/name": "twinshop", "app.kubernetes.io/instance": "group"}
    whole = {
        "resources": [f"{top}/shop", *(process.name for process in shape.processes)],
        "labels": [{"pairs": pairs, "includeTemplates": True}],
    }
    _write(folder, whole)
    return folder


def _process(shape: Shape, process: Process, up: str) -> dict[str, Any]:
    """As the folders of overlays/group."""
    alone = len(process.components) == 1
    variables = {"TWINSHOP_SHAPE": "group"}
    if not alone:
        variables["TWINSHOP_COMPONENTS"] = ",".join(process.components)
    labels: dict[str, str] = {"role": "back"}
    if "storefront" in process.components:
        labels = {}  # its component says that it is the front
        away = (component for component in CALLED if component not in process.components)
        variables |= {f"STOREFRONT_{name.upper()}_URL": _url(shape.host_of(name)) for name in away}
    container = {"name": "process", "env": [{"name": name, "value": value} for name, value in variables.items()]}
    patch = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "twinshop"},
        "spec": {"template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}},
    }
    return {
        "resources": [f"{up}/base"],
        "components": [f"{up}/components/{component}" for component in process.components],
        "nameSuffix": f"-{process.name}",
        "labels": [{"includeSelectors": True, "pairs": {"app.kubernetes.io/component": process.name}}],
        "images": [
            {"name": "twinshop/process", "newName": f"twinshop/{process.components[0] if alone else 'monolith'}"}
        ],
        "patches": [{"patch": json.dumps(patch)}],
    }


def _url(process: Process) -> str:
    return f"http://{PREFIX}{process.name}:{PORT}"


def _write(folder: Path, kustomization: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **kustomization}
    (folder / "kustomization.yaml").write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
