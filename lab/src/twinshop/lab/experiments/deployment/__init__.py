"""
Deployment (`twinshop run deploy`): a patch under load: what is built and restarted, what visitors notice, rolling back.

- `design`: which patch, how, and where to; the options. `patches`: the images with it.
- `trial`: one trial. `course`: what happened; `figures` of it.
- `analysis`, `groups`: the claims; the trials by case and arm.
- `section`, `tables`, `plots`: its part of the report.
"""
