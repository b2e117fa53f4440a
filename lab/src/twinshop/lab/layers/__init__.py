"""
What the images are made of, and what a change of one line rebuilds.

- `measure`: the builds that `twinshop layers` makes; `environments.docker` has the images, their layers and BuildKit.
- `report`: its tables; `command`: itself.
"""
