"""
Environments: the shop, deployed in any shape on any runtime, for people (`twinshop up`) and for one trial.

- `protocol`: `Environment`, a shape with data, ports and settings of its own; what a runtime cannot do raises
  `Unsupported`.
- `open`: `open_environment`, which removes it whatever happens; `watchdog` has it removed even if the lab is killed,
  `shield` if it is interrupted; `removal` needs nothing but names.
- `lifecycle`: `Deployment`, a shop that outlives the command; `deployments` finds them; `commands`: `twinshop up` etc.
- `setup`, `variables`: what the processes are given. `ports`, `held_ports`: ports that are taken, ports that we keep.
- `readiness`, `waiting`, `request`, `running_code`: asking processes. `usage`, `stores`, `logs`: of their parts.

Each runtime is a package with the same files: `environment` (the environment), `parts` (what can be asked of its parts
and done to them), `lifecycle` (the deployment), and what only this runtime has: `local`, `docker`, `kubernetes`.
"""
