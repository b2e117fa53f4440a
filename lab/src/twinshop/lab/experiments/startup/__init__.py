"""
Startup: how long until the shop is there, and where the time goes.

- `design`: which starts are made: cold and warm, of both shapes, on each runtime.
- `experiment`: one trial of them.
- `trial`: one start, watched from outside: ready, first good page, first completed order, phases of each process.
- `analysis`: figures, comparisons and claims; `section`: its part of the report.
"""
