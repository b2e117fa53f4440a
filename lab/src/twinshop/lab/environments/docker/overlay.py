"""What an environment adds to the compose file of its shape; the file itself stays as it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twinshop.lab.environments.docker import disks
from twinshop.lab.environments.docker.compose_file import EDGE, PORT, Composition, literal
from twinshop.lab.environments.protocol import EnvironmentOptions
from twinshop.lab.environments.setup import CATALOGUE, FAULT_FOLDER
from twinshop.lab.shapes import Shape

CATALOGUE_INSIDE = "/run/catalogue.json"
FAULTS_INSIDE = "/run/faults"


def overlay(
    shape: Shape,
    composition: Composition,
    options: EnvironmentOptions,
    catalogue: Path,
    *,
    fault_folder: Path | None = None,
    parent: str | None = None,
) -> dict[str, Any]:
    """
    The overlay as a compose file.

    Args:
        shape: with the workers that each process is to have.
        composition: of the shape.
        options: of the environment.
        catalogue: the stocked one, mounted into every process.
        fault_folder: where its processes keep their faults, mounted likewise; None if none can be injected.
        parent: the control group of the total budget; None without one.
    """
    # Limits are the experiment's own: a total budget, or none. Those of the compose files would be hidden factors.
    everything: dict[str, Any] = {"mem_limit": 0, "pids_limit": 0}
    if options.cores is not None:
        everything["cpuset"] = ",".join(map(str, options.cores))
    if parent is not None:
        everything["cgroup_parent"] = parent
    mounts = {catalogue: CATALOGUE_INSIDE}
    told = {CATALOGUE: CATALOGUE_INSIDE}
    if fault_folder is not None:
        mounts[fault_folder] = told[FAULT_FOLDER] = FAULTS_INSIDE
    services: dict[str, dict[str, Any]] = {
        name: dict(everything) for name in (*composition.stores, *composition.migrations, EDGE)
    }
    for process in shape.processes:
        added = {**told, "TWINSHOP_WORKERS": str(process.workers), **options.environment}
        services[composition.services[process.name]] = {
            **everything,
            "environment": _literal(added),
            "volumes": [
                {"type": "bind", "source": literal(str(outside)), "target": inside, "read_only": outside == catalogue}
                for outside, inside in mounts.items()
            ],
            "ports": [{"target": PORT, "host_ip": "127.0.0.1"}],
            "deploy": {"replicas": options.replicas.get(process.name, 1)},
            # The lab asks `/readyz` itself. The image's health check starts a process in each container every few
            # seconds, five times as many for the microservices, and would add its CPU time to theirs.
            "healthcheck": {"disable": True},
        }
    if options.disk_bytes is None:
        return {"services": services}
    for store in composition.stores:
        services[store] |= disks.store(store)
    services[disks.DISKS] = {**everything, **disks.holder(composition.stores)}
    return {"services": services, "volumes": disks.volumes(composition.stores, options.disk_bytes)}


def _literal(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: literal(value) for name, value in variables.items()}
