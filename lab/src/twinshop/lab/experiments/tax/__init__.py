"""
The experiment `tax`: what it costs to divide the shop, and what that buys.

- `splits`: the 52 ways to divide it into processes.
- `plan`: which of them are compared, and the options.
- `run`, `calls`: one trial; the calls that the store front made.
- `blast`: what a crash takes along, by reasoning.
- `frontier`: cost against blast radius.
"""
