"""
Startup: how long until the shop is there, and where the time goes.

- `experiment`: which starts are made: cold and warm, of both shapes, on each runtime.
- `trial`: one start, watched from outside: ready, first good page, first completed order, phases of each process.
- `section`: its part of the report.
"""
