"""
Pods of a Kubernetes cluster, in a namespace of their own.

- `environment`, `parts`, `usage`: for a trial; `lifecycle`: for `twinshop up`, in a namespace that stays.
- `access`: which cluster; `kubectl`: the command that speaks to it; `forwards`: ports of pods on this machine.
- `overlays`: the kustomization of a shape; `manifests`: its resources with a namespace of their own; `stores`: its
  databases and Redis, which the kustomizations leave to the operator.
- `pods`: how the pods are; `rollout`: waiting for them; `events`: why they do not become ready.
"""
