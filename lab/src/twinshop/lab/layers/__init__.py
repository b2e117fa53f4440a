"""
What the images are made of, and what a change of one line makes anew.

- `images`: the images of the project, and what stands in them.
- `layers`: the layers of an image as the engine tells them; which of them images share.
- `build`: builds one, and tells which steps came from the cache.
- `sources`: a throw-away copy of what images are made from, and one changed line in it.
- `measure`: the builds that `lab layers` makes.
- `report`: its tables; `command`: itself.
"""
