"""
A Kubernetes API server over real HTTP that keeps objects in memory and plays the controllers and the kubelet.

It takes what the real kubectl sends, and refuses objects that are not valid by Kubernetes' own schemas. It schedules
nothing and runs nothing: a pod is ready at once, unless its image says otherwise (`broken`, `crashing`, `stuck`).
"""

import asyncio
import copy
import json
import re
import threading
import warnings
from itertools import count

from aiohttp import web

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kubernetes_validate

SCHEMAS = kubernetes_validate.latest_version()
CORE = {
    "namespaces": "Namespace",
    "nodes": "Node",
    "pods": "Pod",
    "events": "Event",
    "services": "Service",
    "secrets": "Secret",
    "configmaps": "ConfigMap",
    "persistentvolumeclaims": "PersistentVolumeClaim",
}
GROUPS = {
    "api/v1": CORE,
    "apis/apps/v1": {"deployments": "Deployment"},
    "apis/networking.k8s.io/v1": {"networkpolicies": "NetworkPolicy"},
}
CLUSTER_WIDE = {"namespaces", "nodes"}
USED = """usage_usec 2500000
user_usec 2000000
system_usec 500000
nr_periods 40
nr_throttled 3
throttled_usec 120000
anon 1000
inactive_file 4096
104096
268435456
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls
    lo:     500       5    0    0    0     0          0         0      500       5    0    0    0     0
  eth0:    7000      70    0    0    0     0          0         0     9000      90    0    0    0     0
"""
USED_V1 = f"""nr_periods 40
nr_throttled 3
throttled_time 120000000
cache 8192
hierarchical_memory_limit 268435456
total_inactive_file 4096
2500000000
104096
{USED[USED.index("Inter-|") :]}"""


class Refused(Exception):
    def __init__(self, code, reason, message):
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message


def merged(old, change, *, strategic):
    """By JSON merge patch; a strategic one merges lists of named things by their names."""
    if isinstance(old, dict) and isinstance(change, dict):
        kept = {name: value for name, value in old.items() if change.get(name, value) is not None}
        new = {
            name: merged(old.get(name), value, strategic=strategic)
            for name, value in change.items()
            if value is not None
        }
        return {**kept, **new}
    if (
        strategic
        and isinstance(old, list)
        and all(isinstance(each, dict) and "name" in each for each in (*old, *change))
    ):
        by_name = {each["name"]: each for each in old}
        for each in change:
            by_name[each["name"]] = merged(by_name.get(each["name"]), each, strategic=True)
        return list(by_name.values())
    return change


def selects(selector, labels):
    """Of `a=b,c in (d,e)`."""
    for part in re.findall(r"[^,(]+(?:\([^)]*\))?", selector):
        if found := re.fullmatch(r"\s*(\S+) in \((.*)\)", part):
            if labels.get(found[1]) not in {each.strip() for each in found[2].split(",")}:
                return False
        elif labels.get(part.split("=")[0].strip()) != part.split("=")[-1].strip():
            return False
    return True


def is_ready(pod):
    return pod["status"]["containerStatuses"][0]["ready"]


class FakeCluster:
    """
    `forbidden` has pairs of a method and a kind's plural; `version` what /version says; `node_port` what it gives away.
    `groups` is the version of the nodes' control groups.

    `requests` has the method, the path and the body of all that was asked.
    """

    def __init__(self):
        self.objects, self.requests, self.forbidden = {}, [], set()
        self.version = {"major": "1", "minor": "37+", "gitVersion": "v1.37.0"}
        self.logged_in, self.node_port, self.groups = True, 30000, 2
        self._uids, self._started = count(1), threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._started.wait(60)

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)

    def of(self, plural, namespace=None):
        """The objects of a kind by name."""
        return {key[2]: each for key, each in self.objects.items() if key[0] == plural and namespace in (None, key[1])}

    def _serve(self):
        asyncio.set_event_loop(self._loop)
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(application)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _handle(self, request):
        path, text = request.match_info["path"].rstrip("/"), await request.text()
        body = json.loads(text) if text else None
        self.requests.append((request.method, path, body))
        try:
            self._know()
            if path.endswith("/exec"):
                return await self._execute(request)
            answer = self._discover(path) or self._answer(request, path, body)
        except Refused as no:
            status = {"status": "Failure", "message": no.message, "reason": no.reason, "code": no.code}
            return web.json_response({"kind": "Status", "apiVersion": "v1", **status}, status=no.code)
        return web.Response(text=answer) if isinstance(answer, str) else web.json_response(answer)

    def _know(self):
        if not self.logged_in:
            raise Refused(401, "Unauthorized", "Unauthorized")

    def _discover(self, path):
        if path == "version":
            return self.version
        if path == "api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        if path == "apis":
            versions = [name.removeprefix("apis/") for name in GROUPS if name.startswith("apis/")]
            listed = [{"groupVersion": each, "version": each.split("/")[1]} for each in versions]
            groups = [
                {"name": each["groupVersion"].split("/")[0], "versions": [each], "preferredVersion": each}
                for each in listed
            ]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        if path in GROUPS:
            verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
            resources = [
                {"name": name, "singularName": kind.lower(), "namespaced": name not in CLUSTER_WIDE, "kind": kind}
                for name, kind in GROUPS[path].items()
            ]
            version = path.partition("/")[2]
            if "deployments" in GROUPS[path]:
                scale = {"name": "deployments/scale", "singularName": "", "namespaced": True, "kind": "Scale"}
                resources.append({**scale, "group": "autoscaling", "version": "v1"})
            resources = [{**each, "verbs": verbs} for each in resources]
            return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}
        return None

    def _answer(self, request, path, body):
        group = next((each for each in GROUPS if path.startswith(f"{each}/")), None)
        if group is None:
            raise Refused(404, "NotFound", "the server could not find the requested resource")
        rest, namespace = path.removeprefix(f"{group}/").split("/"), None
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        plural, name, sub = (*rest, None, None)[:3]
        if (request.method, plural) in self.forbidden:
            told = f'{plural} is forbidden: User "somebody" cannot {request.method.lower()} resource "{plural}"'
            raise Refused(403, "Forbidden", told)
        if request.method == "POST":
            return self._create(plural, namespace, body)
        if name is None:
            selector = request.query.get("labelSelector", "")
            found = [
                each
                for each in self.of(plural, namespace).values()
                if not selector or selects(selector, each["metadata"].get("labels", {}))
            ]
            kind, version = GROUPS[group][plural], group.partition("/")[2]
            return {"kind": f"{kind}List", "apiVersion": version, "metadata": {"resourceVersion": "1"}, "items": found}
        key = (plural, namespace, name)
        if key not in self.objects:
            raise Refused(404, "NotFound", f'{plural} "{name}" not found')
        if sub == "log":
            return f"{name} says hello\n"
        if request.method == "DELETE":
            return self._delete(key)
        if request.method == "PATCH" and sub == "scale":
            self._keep(
                key, merged(self.objects[key], {"spec": {"replicas": body["spec"]["replicas"]}}, strategic=False)
            )
            return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"name": name}, "spec": body["spec"]}
        if request.method == "PATCH":
            strategic = "strategic" in request.headers["content-type"]
            self._keep(key, merged(self.objects[key], body, strategic=strategic))
        return self.objects[key]

    def _create(self, plural, namespace, body):
        body = copy.deepcopy(body)
        if namespace is not None and ("namespaces", None, namespace) not in self.objects:
            raise Refused(404, "NotFound", f'namespaces "{namespace}" not found')
        if plural == "services" and body["spec"].get("type") == "NodePort":
            for port in body["spec"]["ports"]:
                port["nodePort"] = self.node_port
        key = (plural, namespace, body["metadata"]["name"])
        if key in self.objects:
            raise Refused(409, "AlreadyExists", f'{plural} "{key[2]}" already exists')
        self._keep(key, body)
        return self.objects[key]

    def _keep(self, key, body):
        checked = {name: value for name, value in body.items() if name != "status"}
        try:
            kubernetes_validate.validate(checked, SCHEMAS, strict=True)
        except Exception as error:
            raise Refused(422, "Invalid", f"{key[0]} {key[2]} is invalid: {error}") from error
        body["metadata"].setdefault("uid", f"uid-{next(self._uids)}")
        body["metadata"]["resourceVersion"] = str(next(self._uids))
        body["metadata"]["generation"] = body["metadata"].get("generation", 0) + 1
        self.objects[key] = body
        self._control()

    def _delete(self, key):
        gone = self.objects.pop(key)
        if key[0] == "namespaces":
            self.objects = {each: value for each, value in self.objects.items() if each[1] != key[2]}
        self._control()
        details = {"name": key[2], "kind": key[0], "uid": gone["metadata"]["uid"]}
        return {"kind": "Status", "apiVersion": "v1", "status": "Success", "details": details}

    def _control(self):
        """As the controllers do: so many pods of each Deployment's present template; others go once these are ready."""
        for (plural, namespace, name), deployment in list(self.objects.items()):
            if plural != "deployments":
                continue
            template, replicas = deployment["spec"]["template"], deployment["spec"]["replicas"]
            version = json.dumps(template, sort_keys=True)

            def owned(own=name, within=namespace):
                pods = {key: pod for key, pod in self.objects.items() if key[:2] == ("pods", within)}
                return {key: pod for key, pod in pods.items() if pod["metadata"]["annotations"]["owner"] == own}

            def right(version=version, owned=owned):
                return [key for key, pod in owned().items() if pod["metadata"]["annotations"]["version"] == version]

            for key in right()[replicas:]:
                del self.objects[key]
            for _ in range(replicas - len(right())):
                self._run(namespace, name, template, version)
            ready = all(is_ready(self.objects[key]) for key in right())
            for key in set(owned()) - set(right()):
                if ready or not is_ready(self.objects[key]):
                    del self.objects[key]
            generation = deployment["metadata"].get("generation")
            deployment["status"] = {"observedGeneration": generation, "updatedReplicas": len(right())}

    def _run(self, namespace, owner, template, version):
        uid = f"uid-{next(self._uids)}"
        image = template["spec"]["containers"][0]["image"]
        state = {"running": {}}
        if "broken" in image:
            state = {"waiting": {"reason": "ImagePullBackOff", "message": "nobody has it"}}
        elif "crashing" in image:
            state = {"waiting": {"reason": "CrashLoopBackOff"}}
        elif "stuck" in image:
            state = {"waiting": {"reason": "ContainerCreating"}}
        ready = "running" in state
        container = {"name": "process", "restartCount": 5 if "crashing" in image else 0, "ready": ready, "state": state}
        self.objects["pods", namespace, f"{owner}-{uid}"] = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{owner}-{uid}",
                "namespace": namespace,
                "uid": uid,
                "resourceVersion": "1",
                "labels": dict(template["metadata"]["labels"]),
                "annotations": {"owner": owner, "version": version},
            },
            "spec": copy.deepcopy(template["spec"]),
            "status": {
                "phase": "Running" if ready else "Pending",
                "conditions": [{"type": "Ready", "status": str(ready)}],
                "containerStatuses": [container],
            },
        }

    async def _execute(self, request):
        """`kubectl exec` by the websocket protocol: a byte for the stream, then what is on it."""
        socket = web.WebSocketResponse(protocols=("v5.channel.k8s.io", "v4.channel.k8s.io"))
        await socket.prepare(request)
        version = 1 if any("cpuacct" in each for each in request.query.getall("command")) else 2
        if version == self.groups:
            await socket.send_bytes(b"\x01" + (USED if version == 2 else USED_V1).encode())
            status = {"status": "Success"}
        else:
            await socket.send_bytes(b"\x02cat: No such file or directory\n")
            causes = [{"reason": "ExitCode", "message": "1"}]
            status = {"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}
        await socket.send_bytes(b"\x03" + json.dumps({"metadata": {}, **status}).encode())
        await socket.close()
        return socket


def container_of(cluster, deployment):
    return cluster.of("deployments")[deployment]["spec"]["template"]["spec"]["containers"][0]


def pods_of(cluster, part):
    return {
        name: pod
        for name, pod in cluster.of("pods").items()
        if pod["metadata"]["labels"]["app.kubernetes.io/component"] == part
    }
