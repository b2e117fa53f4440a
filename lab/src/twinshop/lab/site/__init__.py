"""
Sites: the shop under test, created, watched, hurt and thrown away (`deployment.site` has the protocol).

On the local runtime:
- `local`: the site; `keeper` runs each of its programs and restarts it when it dies, as a process manager would.
- `process_group`: CPU time and memory of process groups.
- `held_ports`: free ports that stay ours for as long as the site is there.

On both:
- `setup`: what the processes of any site are given: the stocked catalogue, secrets, the checked environment.
- `shield`: the removal of a site, which a second Ctrl-C does not interrupt.
"""
