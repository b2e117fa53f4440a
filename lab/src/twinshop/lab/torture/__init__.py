"""
The reliability campaign: random hazards, one after the other, on a shop under load, and its invariants.

- `api`: `Hazard`: what is done, how it is reverted and what must not be lost; `Scene`: where it happens.
- `hazards`: all hazards, by name.
- `schedule`: which, when and for how long; the same for the same seed.
- `crowd`: shoppers who press the button twice, at several storefronts at once, and remember what they were told.
- `recovery`: until the shop has recovered, and sells.
- `campaign`: all of it on one shape; `story` is the result, `report` presents it.
- `command`: `twinshop torture`.
"""
