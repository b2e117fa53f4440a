"""
Local processes: SQLite, a Redis from a wheel, no Docker.

- `supervisor` restarts a program that dies; `process_group` ends and measures it.
- `environment`, `parts`: for a trial, with the supervisors in the lab's own process.
- `lifecycle`: for `twinshop up`, with the supervisors in a process that outlives the command (`supervise`), which
  `supervision` starts and asks; `log_files` shows its logs.
- `programs`: commands and their variables; `strays`: what still runs of a shop, wherever it is in the process tree.
"""
