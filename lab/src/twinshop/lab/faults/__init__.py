"""The faults: what is done to a component, the same in every shape, and how it is undone."""
