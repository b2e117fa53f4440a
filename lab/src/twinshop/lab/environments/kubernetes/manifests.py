"""The resources of a shape with a namespace, stores and secrets of their own, and replicas that stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from twinshop.lab.environments.kubernetes.access import Access
from twinshop.lab.environments.kubernetes.kubectl import Resource
from twinshop.lab.environments.kubernetes.overlays import PREFIX, suffixes
from twinshop.lab.environments.kubernetes.stores import LABEL, secrets, stores
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.environments.setup import CATALOGUE, FAULT_TOKEN
from twinshop.lab.shapes import Process, Shape

DOOR = "twinshop"
"""The Service in front of the storefront in every shape."""
VISITORS = "visitors-to-front"
"""The NetworkPolicy of the storefront's callers."""
CATALOGUE_FOLDER = "/catalogue"
LEFT_OUT = ("HorizontalPodAutoscaler", "PodDisruptionBudget")
"""How many replicas there are is decided by the experiment, and it means to disrupt."""


@dataclass(frozen=True, slots=True)
class Order:
    """
    What an environment wants.

    Attributes:
        namespace: where.
        root: the repository.
        password: of the components' accounts in its stores.
        owner_password: of the accounts that own the tables.
        catalogue: as text, with the stock.
        token: of the fault routes; None if there are none.
    """

    namespace: str
    access: Access
    options: EnvironmentOptions
    root: Path
    password: str = field(repr=False)
    owner_password: str = field(repr=False)
    catalogue: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def manifests(shape: Shape, rendered: str, order: Order) -> list[Resource]:
    """All resources, the namespace first; `rendered` is the shape's kustomization. No pod starts yet."""
    resources = [each for each in yaml.safe_load_all(rendered) if each and each["kind"] not in LEFT_OUT]
    resources += [*_secrets(shape, order), _catalogue(order), *stores(shape, order.root)]
    processes = {f"{PREFIX}{suffix}": _named(shape, name) for name, suffix in suffixes(shape).items()}
    for resource in resources:
        kind, metadata = resource["kind"], resource["metadata"]
        if kind == "Namespace":
            metadata["name"] = order.namespace
        else:
            metadata["namespace"] = order.namespace
        if kind == "Deployment" and metadata["name"] in processes:
            _adapt(resource["spec"], processes[metadata["name"]], order)
        elif kind == "NetworkPolicy" and metadata["name"] in {"to-postgresql", "to-redis"}:
            _lead_within(resource)
        elif kind == "NetworkPolicy" and metadata["name"] == VISITORS and order.access.expose == "node-port":
            _let_everybody_in(resource)
        elif kind == "Service" and metadata["name"] == DOOR and order.access.expose == "node-port":
            resource["spec"]["type"] = "NodePort"
    return sorted(resources, key=lambda resource: resource["kind"] != "Namespace")


def _named(shape: Shape, name: str) -> Process:
    return next(process for process in shape.processes if process.name == name)


def _adapt(spec: dict[str, Any], process: Process, order: Order) -> None:
    spec["replicas"] = 0
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    for each in (container, *pod.get("initContainers", ())):
        each["image"] = order.access.image(each["image"])
    variables: dict[str, Any] = {"TWINSHOP_WORKERS": process.workers, **order.options.environment}
    if "catalog" in process.components:
        variables[CATALOGUE] = f"{CATALOGUE_FOLDER}/catalogue.json"
        container["volumeMounts"].append({"name": "catalogue", "mountPath": CATALOGUE_FOLDER, "readOnly": True})
        pod["volumes"].append({"name": "catalogue", "configMap": {"name": "catalogue"}})
    kept = [each for each in container["env"] if each["name"] not in variables]
    container["env"] = [*kept, *({"name": name, "value": str(value)} for name, value in variables.items())]
    if order.token:
        key = {"secretKeyRef": {"name": "twinshop-faults", "key": FAULT_TOKEN}}
        container["env"].append({"name": FAULT_TOKEN, "valueFrom": key})


def _let_everybody_in(policy: Resource) -> None:
    """The load comes through the nodes, from addresses and not from a namespace."""
    for rule in policy["spec"]["ingress"]:
        del rule["from"]


def _lead_within(policy: Resource) -> None:
    """The stores are pods of the same namespace, not addresses outside."""
    kind = policy["metadata"]["name"].removeprefix("to-")
    for rule in policy["spec"]["egress"]:
        rule["to"] = [{"podSelector": {"matchLabels": {LABEL: kind}}}]


def _secrets(shape: Shape, order: Order) -> Sequence[Resource]:
    """Those that the components name, and the stores' own."""
    values: dict[str, Mapping[str, str]] = {
        "twinshop-storefront": {"STOREFRONT_SECRET": order.options.secret},
        **secrets(shape, order.password, order.owner_password),
    }
    if order.token:
        values["twinshop-faults"] = {FAULT_TOKEN: order.token}
    return [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": dict(data)}
        for name, data in values.items()
    ]


def _catalogue(order: Order) -> Resource:
    data = {"catalogue.json": order.catalogue}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "catalogue"}, "data": data}
