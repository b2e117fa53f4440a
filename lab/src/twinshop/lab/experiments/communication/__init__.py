"""
Communication cost (`twinshop run tax`): what it costs to divide the shop, and what that buys.

- `design`: which splits are compared, and the options.
- `trial`, `calls`: one trial; the calls that the storefront made.
- `measured`: what a crash took along in the isolation experiment.
- `counting`: what CPU time is, by what is counted. `steadiness`: what the steady-state gate could see.
- `analysis`, `costs`, `frontier`: the claim; the trials as points; cost against blast radius.
- `section`, `tables`, `plots`: its part of the report.
"""
