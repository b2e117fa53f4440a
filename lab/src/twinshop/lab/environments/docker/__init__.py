"""
Containers, through Docker Compose and the engine's API.

- `environment`, `parts`, `usage`: for a trial; `lifecycle`: for `twinshop up`.
- `compose_file`: the compose file of a shape; `overlay`: what a trial adds to it; `project`: `docker compose`.
- `docker`: the command; `engine`: the API. `ready`, `rollout`: waiting for containers, replacing them.
- `cgroup`, `cgroup_mounts`: control groups of version 1 and 2; `budget`: one around all containers of a shop.
- `disks`: a disk of its own for each store, in memory, that can be filled.
"""
