"""
Local processes: SQLite, a Redis from a wheel, no Docker.

- `environment`, `parts`: for a trial; `supervisor` restarts a program that dies, `process_group` ends and measures it.
- `lifecycle`: for `twinshop up`, under `supervisord` (`supervisor_config` writes its file); `log_files` shows its logs.
- `programs`: commands and their variables; `strays`: what still runs of a shop, wherever it is in the process tree.
"""
