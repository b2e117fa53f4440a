"""
The reliability campaign: random hazards, one after the other, on a shop under load, and whether it kept its promises.

- `api`: `Hazard`, a value that says what is done, how it heals and what must not be lost; `Scene`, where it happens.
- `hazards`: all there are, by name.
- `schedule`: which, when and for how long: the same for the same seed.
- `crowd`: shoppers who press the button twice, at several store fronts at once, and remember what they were told.
- `recovery`: until the shop is well again, and sells.
- `campaign`: all of it on one shape; `story` is what came of it, `report` how it is told.
- `command`: `twinshop torture`.
"""
