"""An environment on a cluster: the kustomization of its shape, in a namespace of its own."""

import secrets
import shutil
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from twinshop.lab.environments import setup
from twinshop.lab.environments.kubernetes.access import Access
from twinshop.lab.environments.kubernetes.events import warnings
from twinshop.lab.environments.kubernetes.forwards import Door
from twinshop.lab.environments.kubernetes.kubectl import Kubectl
from twinshop.lab.environments.kubernetes.manifests import DOOR, Order, manifests
from twinshop.lab.environments.kubernetes.overlays import overlay, suffixes
from twinshop.lab.environments.kubernetes.parts import ClusterParts
from twinshop.lab.environments.logs import keep_logs
from twinshop.lab.environments.protocol import EnvironmentOptions, Runtime
from twinshop.lab.environments.request import ask
from twinshop.lab.environments.reserved_ports import ReservedPorts
from twinshop.lab.environments.waiting import until_ready
from twinshop.lab.errors import LabError, ProvisionError, Unsupported
from twinshop.lab.shapes import Shape

NO_CORES = "On a cluster the kubelets choose the processors: an environment cannot be pinned to some of them."
NO_BUDGET = (
    "A namespace cannot have a total budget: a quota rejects pods instead of slowing them down. Limit each part."
)
ASK_SECONDS = 4.0
PRODUCTS = "/api/products?size=1"


class KubernetesEnvironment(ClusterParts):
    """Its data are in claims of its namespace until it is removed; its logs are in `folder/logs` from then on."""

    runtime: Runtime = "cluster"

    def __init__(
        self, shape: Shape, root: Path, folder: Path, options: EnvironmentOptions, access: Access, namespace: str
    ) -> None:
        setup.check(options, [process.name for process in shape.processes])
        if options.cores is not None:
            raise Unsupported(NO_CORES)
        if options.cpus is not None or options.memory_bytes is not None:
            raise Unsupported(NO_BUDGET)
        access.require_kubeconfig()
        self.namespace = namespace
        super().__init__(setup.with_workers(shape, options), Kubectl(access, namespace), options.replicas)
        self.folder = folder.resolve()
        self.token = setup.new_token() if options.faults else None
        self.fault_folder: Path | None = None  # what is on a pod's disk is not seen from here
        self._root = root
        self._options = options
        self._access = access
        self._held = ReservedPorts()
        self._door: Door | None = None
        self._node_url: str | None = None
        self._created = False

    @property
    def url(self) -> str:
        if self._door is not None:
            return self._door.url
        return self._node_url or self.node_url()

    def create(self) -> None:
        if self._created:
            return
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        (self.folder / "logs").mkdir(exist_ok=True)
        self._kubectl.require_cluster()
        rendered = self._kubectl.render(overlay(self.shape, self._root, data / "kustomize"))
        catalogue = setup.stocked(data, self._options.stock).read_text(encoding="utf-8")
        passwords = secrets.token_hex(16), secrets.token_hex(16)
        order = Order(self.namespace, self._access, self._options, self._root, *passwords, catalogue, self.token)
        self._created = True  # a creation that fails must remove what it has made so far
        namespace, *within = manifests(self.shape, rendered, order)
        try:
            self._kubectl.create(namespace)
        except LabError as error:
            self._created = "already exists" not in str(error)  # the namespace of another user is left alone
            raise
        self._kubectl.create(*within)
        if self._access.expose == "node-port":
            self._node_url = self.node_url()
        else:
            self._door = Door(self._kubectl, DOOR, self._held.take())

    def start(self) -> float:
        if not self._created:
            raise ProvisionError("The environment must be created before it is started.")
        since = time.perf_counter()
        for replicas in sorted(set(self._replicas.values())):
            parts = [part for part in reversed(self.parts()) if self._replicas[part] == replicas]  # the stores first
            self._rollout.scale(replicas, *(self._deployment(part) for part in parts))
        return since

    def wait_pods(self, seconds: float) -> None:
        """Until all are ready by their readiness probes, which ask every one or two seconds."""
        asks = {part: partial(self._ready, part) for part in self.parts()}
        until_ready(asks, self._require_life, seconds, partial(warnings, self._kubectl))

    def wait_ready(self, seconds: float = 120) -> float:
        self.wait_pods(seconds)
        if self._door is not None:
            self._door.open()
        return until_ready({DOOR: self._answers}, lambda _: None, seconds)

    def _ready(self, part: str) -> tuple[bool, str]:
        pods = [pod for pod in self._pods.of(self._labels[part]) if not pod.leaving]
        ready = len(pods) == self._replicas[part] and all(pod.ready for pod in pods)
        return ready, ", ".join(pod.phase for pod in pods) or "there is no pod"

    def _require_life(self, part: str) -> None:
        for pod in self._pods.of(self._labels[part]):
            if why := pod.hopeless:
                raise ProvisionError(self._rollout.hopeless(part, pod, why))

    def _answers(self) -> tuple[bool, str]:
        """With products: nodes hear of a pod that is ready a moment later; until then calls to it are refused."""
        try:
            answer = ask(self.url, PRODUCTS, seconds=ASK_SECONDS)
        except OSError as error:
            return False, f"no answer from {self.url} ({type(error).__name__})"
        return answer.ok, f"{self.url}{PRODUCTS} answers {answer.status}"

    def stop(self) -> None:
        for parts in ([*suffixes(self.shape)], [each for each in self.parts() if each not in suffixes(self.shape)]):
            self._rollout.scale(0, *(self._deployment(part) for part in parts))
            for part in parts:
                self._rollout.wait_gone(self._labels[part])

    def remove(self) -> None:
        with ExitStack() as each_whatever_happens:  # the last one first
            each_whatever_happens.callback(shutil.rmtree, self.folder / "data", ignore_errors=True)
            each_whatever_happens.callback(self._held.release)
            if self._created:
                each_whatever_happens.callback(self._kubectl.delete_namespace)
                each_whatever_happens.callback(keep_logs, self)
            for forward in self._forwards.values():
                each_whatever_happens.callback(forward.close)
            if self._door is not None:
                each_whatever_happens.callback(self._door.close)
            self._created = False

    def node_port(self) -> int | None:
        """At which the nodes let visitors in; None if they do not."""
        service = self._kubectl.one("service", DOOR) or {}
        ports = service.get("spec", {}).get("ports", ())
        return next((each["nodePort"] for each in ports if "nodePort" in each), None)

    def node_url(self) -> str:
        """By the port of the nodes and the address of some node; an external one if any has one."""
        if (port := self.node_port()) is None:
            raise ProvisionError(
                "The shop has no port of the nodes: it has not been created, or with --expose forward."
            )
        addresses = [each for node in self._kubectl.items("nodes") for each in node["status"]["addresses"]]
        by_kind = {each["type"]: each["address"] for each in reversed(addresses)}
        address = by_kind.get("ExternalIP") or by_kind.get("InternalIP")
        if address is None:
            raise ProvisionError("No node of the cluster reports its address: use --expose forward.")
        return f"http://{address}:{port}"


def new_namespace() -> str:
    return f"twinshop-site-{secrets.token_hex(4)}"
