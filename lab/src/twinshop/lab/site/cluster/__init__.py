"""
A site on a Kubernetes cluster, in a namespace of its own.

- `access`: which cluster; `kubectl`: the command that speaks to it.
- `overlays`: the kustomization of a shape; `manifests`: its resources, made fit for a site; `stores`: its databases and
  Redis, which the kustomizations leave to whoever runs the shop.
- `pods`: how the pods are; `rollout`: waiting for them; `usage`: what they have used.
- `forwards`: ports of pods on this machine.
- `site`: the site; `parts` is what can be asked of its parts and done to them.
- `deployment`: the same for `lab up`, in a namespace that stays.
"""
