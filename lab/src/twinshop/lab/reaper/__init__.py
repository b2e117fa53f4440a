"""
The reaper: what cleans up after a lab that died, above the faults because it reverts them.

- `__main__`: the program; it waits for the end of a pipe that the lab holds (`environments.watchdog`).
- `recover`: reverts each fault at its time limit, then removes the environment.
- `remains`, `container_remains`: what is left of an environment, put together again, enough to revert a fault.
"""
