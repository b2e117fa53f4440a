"""
Whether the generator measures right: beside other tools, against a server that knows the truth, and at its limits.

- `target`: a server that takes as long as it is told to, and notes how long it took.
- `tools`: wrk and Artillery, and our own generator, each asked for the same percentiles.
- `__main__`: `python -m twinshop.lab.load.crosscheck`.
"""
