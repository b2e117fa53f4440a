"""
The report: one HTML page made from the records of a run alone.

- `section`: what an experiment tells it.
- `plots`: the usual plots, from plain numbers; `style`, `arms`, `tones`: how all plots look.
- `page`: the page and its files, from `templates/`; `facts`, `compared`, `numbers`: what is written on it.
- `svg`: a plot as a part of the page.
- `two_runs`: the same comparisons of two runs side by side.
"""
