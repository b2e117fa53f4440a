"""PostgreSQL and Redis of an environment, which the kustomizations leave to the operator of the shop."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from twinshop.kit.store_url import with_password
from twinshop.lab.environments.kubernetes.kubectl import Resource
from twinshop.lab.environments.stores import databases
from twinshop.lab.environments.variables import REDIS
from twinshop.lab.shapes import Shape

LABEL = "store"
"""Which kind of store a pod is; the policies go by it."""
PORTS = {"postgresql": 5432, "redis": 6379}
USER = 999
"""Of postgres:17 and redis:8; both run without root."""
PART = "app.kubernetes.io/component"


def secrets(shape: Shape, password: str, owner_password: str) -> dict[str, dict[str, str]]:
    """
    The Secrets of the stores and of those that use them, by name: variables and values.

    Args:
        shape: which component has which store.
        password: of the account that each component has in its store.
        owner_password: of the accounts that own the tables, for migrations alone.
    """
    found = {
        "twinshop-stores": {"POSTGRES_PASSWORD": password, "OWNER_PASSWORD": owner_password},
        "twinshop-cart": {"CART_REDIS_URL": with_password(f"redis://cart@{REDIS}:6379/0", SecretStr(password))},
    }
    for component, store in databases(shape).items():
        variable = f"{component.upper()}_DATABASE_URL"
        for secret, user, own in (
            (component, component, password),
            (f"{component}-owner", f"{component}_owner", owner_password),
        ):
            url = with_password(f"postgresql://{user}@{store}/shop", SecretStr(own))
            found[f"twinshop-{secret}"] = {variable: url}
    return found


def stores(shape: Shape, root: Path) -> list[Resource]:
    """
    Each has a volume claim, so that its data survive a stop. Nothing is started yet.

    `root` is the repository: a database starts as under Swarm, with an account for each component.
    """
    made: list[Resource] = []
    script = (root / "compose" / "database.sh").read_text(encoding="utf-8")
    for name in dict.fromkeys(databases(shape).values()):
        roles = " ".join(component for component, store in databases(shape).items() if store == name)
        made += _store(name, "postgresql", _postgresql(roles, script))
    made += _store(REDIS, "redis", _redis())
    return [*made, *(_door(kind) for kind in PORTS)]


def _secret(name: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": "twinshop-stores", "key": name}}}


def _postgresql(roles: str, script: str) -> dict[str, Any]:
    return {
        "image": "postgres:17",
        "command": ["bash", "-euc", script],
        "env": [
            {"name": "POSTGRES_USER", "value": "twinshop"},
            {"name": "POSTGRES_DB", "value": "shop"},
            {"name": "ROLES", "value": roles},
            _secret("POSTGRES_PASSWORD"),
            _secret("OWNER_PASSWORD"),
            {"name": "PGDATA", "value": "/data/pgdata"},  # a claim's top folder may not be empty
        ],
        "readinessProbe": _probe("pg_isready", "-q", "-h", "127.0.0.1", "-U", "twinshop"),
    }


def _redis() -> dict[str, Any]:
    """With the accounts of compose/common.yaml; Kubernetes puts the password into the command."""
    command = ["redis-server", "--protected-mode", "no", "--dir", "/data", "--appendonly", "yes", "--save", "60 1"]
    command += ["--user", "default", "off", "allkeys", "allchannels", "allcommands"]
    command += ["--user", "health", "on", "nopass", "resetkeys", "resetchannels", "-@all", "+ping"]
    command += ["--user", "cart", "on", ">$(POSTGRES_PASSWORD)", "~cart:*", "resetchannels", "-@all"]
    command += ["+@read", "+@write", "+@scripting", "+@connection", "-@dangerous"]
    ask = ("redis-cli", "--no-auth-warning", "--user", "health", "--pass", "any", "ping")
    return {
        "image": "redis:8",
        "command": command,
        "env": [_secret("POSTGRES_PASSWORD")],
        "readinessProbe": _probe(*ask),
    }


def _probe(*command: str) -> dict[str, Any]:
    return {"exec": {"command": list(command)}, "periodSeconds": 1, "timeoutSeconds": 3}


def _store(name: str, kind: str, own: dict[str, Any]) -> Sequence[Resource]:
    labels = {PART: name, LABEL: kind}
    container = {
        "name": kind,
        "ports": [{"name": kind, "containerPort": PORTS[kind]}],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
        **own,
    }
    spec = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": name}}],
    }
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": 0,
            "strategy": {"type": "Recreate"},  # two of them must not have the same data
            "selector": {"matchLabels": {PART: name}},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {PART: name}, "ports": [{"name": kind, "port": PORTS[kind], "targetPort": kind}]},
    }
    return claim, deployment, service


def _door(kind: str) -> Resource:
    """Those that keep data there come in; the shop's own policies let them out."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"{kind}-from-its-processes"},
        "spec": {
            "podSelector": {"matchLabels": {LABEL: kind}},
            "policyTypes": ["Ingress"],
            "ingress": [
                {
                    "from": [{"podSelector": {"matchLabels": {kind: "yes"}}}],
                    "ports": [{"protocol": "TCP", "port": PORTS[kind]}],
                }
            ],
        },
    }
