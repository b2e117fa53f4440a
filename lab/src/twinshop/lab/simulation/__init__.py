"""
Whether the lab's statistics keep what they promise, on data whose truth is known.

Seeded, and with the functions that the lab itself uses.

- `coverage`: how often intervals hold the truth.
- `family`: how often any of many claims is wrongly called clear.
- `drift`: how often figures that do not drift are said to, and drifts are found.
- `stopping`: how often the interval at which a run stopped holds the truth.
- `prices`: how well the prices of a call and of a process are found.
- `command`: `twinshop simulate`, which prints all of it, and the power of the steady-state test.
"""
