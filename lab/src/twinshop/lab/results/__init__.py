"""Results: `trial` is one measurement, a run is a folder under `results/`."""
