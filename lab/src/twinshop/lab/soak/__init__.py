"""
`twinshop soak`: the memory of each process and the goodput, over a long constant load.

- `measure`: the samples of one shape, as they are taken.
- `report`: what they say: for each process its memory and the slope of it, with an interval.
- `command`: the command line; samples are stored as they come, so an interruption loses nothing.
"""
