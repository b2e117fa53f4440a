"""What may be said of measurements: intervals, verdicts, fits, whether a load was stationary. Pure functions."""
