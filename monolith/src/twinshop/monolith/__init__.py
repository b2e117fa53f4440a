"""
All components in one process, or any grouping of them: wiring only.

The business, the pages and the routes are those of the components' own packages; what differs from the microservices is
which ports are called in process (`wiring`) and how many components one app hosts (`app`).
"""
