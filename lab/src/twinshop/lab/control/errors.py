"""What the room refuses to do."""


class RefusedError(Exception):
    """The message says why, to a person."""
