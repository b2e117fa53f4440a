"""The experiments: each answers one question about the two shapes; `api` says what an experiment is."""
