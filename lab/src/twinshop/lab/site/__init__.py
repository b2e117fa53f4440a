"""
Sites: the shop under test, created, watched, hurt and thrown away (`deployment.site` has the protocol).

On every runtime:
- `opening`: a site for the length of a block; `shield` has it removed after SIGTERM too, and not interrupted in that.
- `guard`: removes a site (`removal`) whose lab was killed and could not do it; `afterwards`: heals it first, in time.
- `remains`: what is left of such a site, put together again to heal it; `container_remains`: of one of containers.
- `setup`: what the processes of any site are given: the stocked catalogue, the checked environment.
- `held_ports`: free ports that stay ours for as long as the site is there.
- `waiting`: until every part is ready; `totals`: usage added up; `running_code`: which code answers.

Local processes:
- `local`: the site; `local_parts` is what can be asked of its parts and done to them.
- `keeper` runs each of its programs and restarts it when it dies, as a process manager would.
- `process_group`: the members of a process group, their end, CPU time and memory.

Containers:
- `compose`: the site; `container_parts` is what can be asked of its parts and done to them.
- `disks`: a disk of its own for each store, in memory, that can be filled.
- `overlay`: what the site adds to the compose file of its shape; `project` runs `docker compose`.
- `engine`: the containers through the engine's API; `container_ready`, `container_usage`: how they are.
- `cgroup`, `cgroup_mounts`: control groups of version 1 and 2; `budget`: one round all containers of a site.

A Kubernetes cluster: the package `cluster`.
"""
