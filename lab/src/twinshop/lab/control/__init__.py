"""
The control room: both shapes side by side in the browser, under the same load, with faults to inject and revert.

- `command`: `twinshop demo`; `demo` brings all of it up.
- `app`: the page, the stream of events (`/events`), and what the buttons send; `static/` is the page itself.
- `room`: what can be done; `board` (injected faults with a time limit), `kinds` (which), `schedule` (random ones).
- `order`: one purchase and its calls; `shop`: one of the two; `patch`: what a patch of it came to; `probe` looks at it
  as a visitor and as its operator, `timing` reads `Server-Timing`.
"""
