"""The report: one HTML page made from the records of a run alone."""
